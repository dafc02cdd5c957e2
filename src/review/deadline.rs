//! Deadlines by working days, as the State Council's calendar and the street's own 日历 give them.

use chrono::NaiveDate;

use super::workflow::{Clock, State};
use super::{ReviewError, Workflow};
use crate::audit::calendar::Calendar;
use crate::model::{Value, catalogue};
use crate::pack::Pack;
use crate::store::{Store, registers};

/// The workflow together with the calendar that its clocks go by.
#[derive(Debug, Clone)]
pub struct Desk {
    pub workflow: Workflow,
    pub calendar: Calendar,
    /// Holidays are known up to here; a deadline beyond is provisional (暂定).
    pub known_until: NaiveDate,
}

/// The day by which the next step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub date: NaiveDate,
    /// Holidays of that time are not known yet: the day may move.
    pub provisional: bool,
}

impl Desk {
    /// The workflow and the shipped calendar.
    ///
    /// # Errors
    /// [`ReviewError::Workflow`] with every fault of the files.
    pub fn load(pack: &Pack) -> Result<Desk, ReviewError> {
        let workflow = Workflow::load(pack).map_err(ReviewError::Workflow)?;
        let mut faults = Vec::new();
        let calendar = Calendar::load(pack, &mut faults);
        if !faults.is_empty() {
            return Err(ReviewError::Workflow(faults));
        }
        let known_until = calendar.known_until();
        Ok(Desk {
            workflow,
            calendar,
            known_until,
        })
    }

    /// The same with the days that the street has handed in: they beat the shipped ones.
    ///
    /// # Errors
    /// As [`Desk::load`], and what the database says.
    pub async fn open(store: &Store, pack: &Pack) -> Result<Desk, ReviewError> {
        let mut desk = Desk::load(pack)?;
        let Some(table) = catalogue().registers().find(|t| t.name == "calendar") else {
            return Ok(desk);
        };
        let column = |name: &str| table.columns.iter().position(|c| c.name == name);
        let (Some(date), Some(is_off)) = (column("date"), column("is_off")) else {
            return Ok(desk);
        };
        for stored in registers::load(store, table, None).await? {
            let cell = |at: usize| stored.row.values.get(at);
            let day = cell(date).and_then(Value::date);
            if let (Some(day), Some(Value::Bool(off))) = (day, cell(is_off)) {
                desk.calendar.set(day, *off, "");
            }
        }
        Ok(desk)
    }

    /// So many working days after a day.
    pub fn after(&self, from: NaiveDate, working_days: u32) -> Due {
        let date = self.calendar.after_working_days(from, working_days);
        Due {
            date,
            provisional: date > self.known_until,
        }
    }

    /// When an item that enters a state on a day is due: by the state's clock, or as set with the step.
    pub fn due(&self, state: &State, entered: NaiveDate, set: Option<NaiveDate>) -> Option<Due> {
        match state.clock? {
            Clock::WorkingDays { days, .. } => Some(self.after(entered, days)),
            Clock::Set => set.map(|date| Due {
                date,
                provisional: false,
            }),
        }
    }
}
