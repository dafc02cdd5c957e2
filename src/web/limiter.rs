//! How often an address may try to log in. In memory: a restart forgets, the lock of a login name does not.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Tries of one address within [`WINDOW`]. A street office shares one address: generous, but no use to a guesser.
const TRIES: usize = 30;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses remembered; beyond that the idle ones go.
const REMEMBERED: usize = 10_000;

/// Times of the last tries by address.
#[derive(Debug, Default)]
pub struct Limiter {
    tries: Mutex<HashMap<IpAddr, Vec<Instant>>>,
}

impl Limiter {
    /// Counts a try; `false` when the address has had too many.
    pub fn admits(&self, address: IpAddr, now: Instant) -> bool {
        let mut all = match self.tries.lock() {
            Ok(all) => all,
            Err(poisoned) => poisoned.into_inner(),
        };
        let recent = |at: &Instant| now.duration_since(*at) < WINDOW;
        if all.len() > REMEMBERED {
            all.retain(|_, tries| tries.iter().any(recent));
        }
        let tries = all.entry(address).or_default();
        tries.retain(recent);
        if tries.len() >= TRIES {
            return false;
        }
        tries.push(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_when_it_tried_too_often() {
        let limiter = Limiter::default();
        let (here, there) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let now = Instant::now();
        assert!((0..TRIES).all(|_| limiter.admits(here, now)));
        assert!(!limiter.admits(here, now));
        assert!(limiter.admits(there, now));
        assert!(limiter.admits(here, now + WINDOW));
    }
}
