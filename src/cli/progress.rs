//! Progress of long work on standard error; silent when that is not a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner with a title and a count.
pub struct Progress(ProgressBar);

impl Progress {
    pub fn start(title: &'static str) -> Progress {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg} [{elapsed}]") {
            bar.set_style(style);
        }
        bar.set_prefix(title);
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress(bar)
    }

    /// Shows a number of rows.
    pub fn set(&self, rows: u64) {
        self.0.set_message(format!("{rows} 行"));
    }

    /// Shows a text.
    pub fn note(&self, text: &str) {
        self.0.set_message(text.to_owned());
    }

    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}
