//! Passwords: argon2id with a salt each. The plain text is never stored, logged or shown.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::AccessError;

/// Fewest characters of a password.
pub const SHORTEST: usize = 10;
/// More is no password but an attack on the hash.
const LONGEST: usize = 200;

/// How passwords are hashed. The default costs 19 MiB and two passes (OWASP's first choice for argon2id).
#[derive(Debug, Clone)]
pub struct Hasher {
    params: Params,
}

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher {
            params: Params::DEFAULT,
        }
    }
}

impl Hasher {
    /// A hasher of another cost: `memory` in KiB, `passes` over it.
    ///
    /// # Errors
    /// [`AccessError::Hashing`] when argon2 does not allow the values.
    pub fn of_cost(memory: u32, passes: u32) -> Result<Hasher, AccessError> {
        let params = Params::new(memory, passes, 1, None);
        let params = params.map_err(|e| AccessError::Hashing(e.to_string()))?;
        Ok(Hasher { params })
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    /// The hash of a password that is fit to be one.
    ///
    /// # Errors
    /// [`AccessError::WeakPassword`].
    pub async fn hash(&self, login: &str, password: &str) -> Result<String, AccessError> {
        check(login, password)?;
        let (argon2, password) = (self.argon2(), password.to_owned());
        let hashed = tokio::task::spawn_blocking(move || {
            let hash: Result<PasswordHash, _> = argon2.hash_password(password.as_bytes());
            hash.map(|h| h.to_string())
        });
        let hashed = hashed.await;
        let hashed = hashed.map_err(|e| AccessError::Hashing(e.to_string()))?;
        hashed.map_err(|e| AccessError::Hashing(e.to_string()))
    }

    /// Whether a password is the one of a hash. Without a hash the same work is done for nothing, so that the time taken
    /// does not tell whether there is such a user.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, AccessError> {
        if password.len() > LONGEST * 4 {
            return Ok(false);
        }
        let (argon2, password) = (self.argon2(), password.to_owned());
        let hash = hash.map(str::to_owned);
        let verified = tokio::task::spawn_blocking(move || {
            let Some(hash) = hash else {
                let made: Result<PasswordHash, _> = argon2.hash_password(password.as_bytes());
                drop(made);
                return Ok(false);
            };
            let parsed =
                PasswordHash::new(&hash).map_err(|e| AccessError::Hashing(e.to_string()))?;
            Ok(argon2.verify_password(password.as_bytes(), &parsed).is_ok())
        });
        verified
            .await
            .map_err(|e| AccessError::Hashing(e.to_string()))?
    }
}

/// What a password must be: long; not the login name; not one sign over and over. Rules about kinds of signs make people
/// write passwords down.
fn check(login: &str, password: &str) -> Result<(), AccessError> {
    let length = password.chars().count();
    let first = password.chars().next();
    let refusal = if length < SHORTEST {
        "至少 10 个字符"
    } else if length > LONGEST {
        "最多 200 个字符"
    } else if password.to_lowercase().contains(&login.to_lowercase()) {
        "不能包含登录名"
    } else if password.chars().all(|c| Some(c) == first) {
        "不能是同一个字符的重复"
    } else if "01234567890123456789".contains(password) || "98765432109876543210".contains(password)
    {
        "不能是连续的数字"
    } else {
        return Ok(());
    };
    Err(AccessError::WeakPassword(refusal))
}
