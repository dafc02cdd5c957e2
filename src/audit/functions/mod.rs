//! SQL functions of ours: few, exact, documented in `docs/rules-format.md`. All are pure: same arguments, same value.

pub mod dates;
pub mod names;
pub mod numbers;
pub mod rolling_sum;
pub mod scalar;
pub mod statistics;

use std::sync::Arc;

use datafusion::logical_expr::{ScalarUDF, WindowUDF};

use crate::audit::calendar::Calendar;

/// All scalar functions; `working_days` counts by this calendar.
pub fn scalar_functions(calendar: &Arc<Calendar>) -> Vec<Arc<ScalarUDF>> {
    let mut functions = dates::functions(calendar);
    functions.extend(names::functions());
    functions.extend(numbers::functions());
    functions.extend(statistics::functions());
    functions.into_iter().map(Arc::new).collect()
}

pub fn window_functions() -> Vec<Arc<WindowUDF>> {
    vec![Arc::new(rolling_sum::function())]
}
