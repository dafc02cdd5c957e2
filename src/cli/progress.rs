//! Progress of long work on standard error; silent when that is not a terminal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner with a title and a count.
pub struct Progress {
    bar: ProgressBar,
    rows: AtomicU64,
    companies: AtomicU64,
}

impl crate::import::Progress for Progress {
    fn rows(&self, count: u64) {
        let total = self.rows.fetch_add(count, Ordering::Relaxed) + count;
        self.show(total, self.companies.load(Ordering::Relaxed));
    }

    fn written(&self, _organisation: &str) {
        let companies = self.companies.fetch_add(1, Ordering::Relaxed) + 1;
        self.show(self.rows.load(Ordering::Relaxed), companies);
    }
}

impl Progress {
    pub fn start(title: &'static str) -> Progress {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg} [{elapsed}]") {
            bar.set_style(style);
        }
        bar.set_prefix(title);
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress {
            bar,
            rows: AtomicU64::new(0),
            companies: AtomicU64::new(0),
        }
    }

    fn show(&self, rows: u64, companies: u64) {
        let written = match companies {
            0 => String::new(),
            n => format!(",已记账 {n} 家"),
        };
        self.bar.set_message(format!("{rows} 行{written}"));
    }

    /// Shows a text.
    pub fn note(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
