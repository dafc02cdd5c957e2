//! Long work in the background, watched from a page. Jobs live in memory: what they write is in the store, whole or not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Semaphore;

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// What it is doing.
    Running(String),
    /// Where its result is.
    Done(String),
    /// Why it stopped.
    Failed(String),
}

/// A job as shown.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: u64,
    /// Login of who started it; nobody else watches it.
    pub by: String,
    pub state: State,
}

/// Finished jobs remembered.
const REMEMBERED: usize = 100;

/// All jobs of this process.
#[derive(Debug)]
pub struct Jobs {
    next: AtomicU64,
    jobs: Mutex<BTreeMap<u64, Job>>,
    /// One audit at a time: it uses all cores and much memory.
    audits: Arc<Semaphore>,
    /// So many documents are typeset at once: each takes a core and the fonts in memory.
    typesetting: Arc<Semaphore>,
}

impl Default for Jobs {
    fn default() -> Jobs {
        Jobs {
            next: AtomicU64::new(1),
            jobs: Mutex::default(),
            audits: Arc::new(Semaphore::new(1)),
            typesetting: Arc::new(Semaphore::new(2)),
        }
    }
}

impl Jobs {
    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Job>> {
        // A panic elsewhere leaves the list as it was.
        self.jobs.lock().unwrap_or_else(|p| p.into_inner())
    }

    /// Begins a job; its number.
    pub fn begin(&self, by: &str, note: &str) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut all = self.all();
        let finished: Vec<u64> = all
            .values()
            .filter(|j| !matches!(j.state, State::Running(_)))
            .map(|j| j.id)
            .collect();
        for old in finished.iter().rev().skip(REMEMBERED) {
            all.remove(old);
        }
        let job = Job {
            id,
            by: by.to_owned(),
            state: State::Running(note.to_owned()),
        };
        all.insert(id, job);
        id
    }

    pub fn set(&self, id: u64, state: State) {
        if let Some(job) = self.all().get_mut(&id) {
            job.state = state;
        }
    }

    pub fn get(&self, id: u64) -> Option<Job> {
        self.all().get(&id).cloned()
    }

    /// The jobs that somebody started and that still run.
    pub fn running(&self, by: &str) -> Vec<Job> {
        let all = self.all();
        let mine = all.values().filter(|j| j.by == by);
        mine.filter(|j| matches!(j.state, State::Running(_)))
            .cloned()
            .collect()
    }

    /// The right to audit, waited for in turn.
    pub fn audits(&self) -> Arc<Semaphore> {
        Arc::clone(&self.audits)
    }

    /// The right to make a PDF, waited for in turn.
    pub fn typesetting(&self) -> Arc<Semaphore> {
        Arc::clone(&self.typesetting)
    }
}
