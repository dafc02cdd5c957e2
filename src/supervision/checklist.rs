//! A project's steps as a checklist on a day: what is done, what is due when, what is late.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::event::Status;
use super::project::{Project, State};
use super::steps::{Anchor, Clock, Step, Steps};
use crate::review::Desk;

/// A step of a project.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub step: &'a Step,
    /// `None`: not begun.
    pub status: Option<Status>,
    pub on: Option<NaiveDate>,
    pub text: String,
    pub by: String,
    pub due: Option<NaiveDate>,
    /// Holidays of that time are not known yet.
    pub provisional: bool,
    pub overdue: bool,
}

impl Line<'_> {
    pub fn settled(&self) -> bool {
        self.status.is_some_and(Status::settled)
    }

    pub fn status_label(&self) -> &'static str {
        self.status.map_or("未开始", Status::label)
    }

    /// The time is a proposal of ours, not the street's.
    pub fn proposed_time(&self) -> bool {
        self.step.clock.as_ref().is_some_and(|c| !c.confirmed)
    }
}

/// The steps of a project on a day. Only an approved project is late with anything.
pub fn checklist<'a>(
    steps: &'a Steps,
    desk: &Desk,
    project: &Project,
    today: NaiveDate,
) -> Vec<Line<'a>> {
    // The day from which the times of later steps run.
    let mut reached: BTreeMap<&str, NaiveDate> = BTreeMap::new();
    let mut lines = Vec::new();
    for step in &steps.0 {
        let mut line = Line {
            step,
            status: None,
            on: None,
            text: String::new(),
            by: String::new(),
            due: None,
            provisional: false,
            overdue: false,
        };
        if let Some(record) = project.steps.get(&step.code) {
            line.status = Some(record.status);
            line.on = Some(record.on);
            line.text.clone_from(&record.text);
            line.by.clone_from(&record.by);
        } else if let (true, Some(approval)) = (step.by_approval, project.approval()) {
            line.status = Some(Status::Done);
            line.on = Some(approval.at.date());
            line.by.clone_from(&approval.by);
        }
        if let Some(clock) = &step.clock {
            line.due = due(clock, desk, project, &reached);
            line.provisional = line.due.is_some_and(|d| d > desk.known_until);
        }
        line.overdue = project.state == State::Approved
            && !line.settled()
            && line.due.is_some_and(|d| d < today);
        let day = line.on.filter(|_| line.settled()).or(line.due);
        reached.extend(day.map(|day| (step.code.as_str(), day)));
        lines.push(line);
    }
    lines
}

fn due(
    clock: &Clock,
    desk: &Desk,
    project: &Project,
    reached: &BTreeMap<&str, NaiveDate>,
) -> Option<NaiveDate> {
    let from = match &clock.anchor {
        Anchor::Start => project.plan.start,
        Anchor::End => project.plan.end,
        Anchor::Step(code) => *reached.get(code.as_str())?,
    };
    Some(match clock.before {
        false => desk.after(from, clock.working_days).date,
        true => back(desk, from, clock.working_days),
    })
}

/// So many working days before a day, which does not count itself.
fn back(desk: &Desk, from: NaiveDate, working_days: u32) -> NaiveDate {
    let (mut day, mut left) = (from, working_days);
    while left > 0 {
        let Some(before) = day.pred_opt() else {
            return day;
        };
        day = before;
        left -= u32::from(!desk.calendar.is_off(day));
    }
    day
}

/// Steps settled and steps in all, of those that a person sees.
pub fn progress(lines: &[Line<'_>]) -> (usize, usize) {
    (lines.iter().filter(|l| l.settled()).count(), lines.len())
}

/// The project is at its end: it stands approved and nothing is left to do.
pub fn finished(project: &Project, lines: &[Line<'_>]) -> bool {
    project.state == State::Approved && lines.iter().all(Line::settled)
}

/// How a project stands, in a word.
pub fn standing(project: &Project, lines: &[Line<'_>]) -> &'static str {
    match finished(project, lines) {
        true => "已完成",
        false => project.state.label(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    #[test]
    fn working_days_are_counted_back_over_a_holiday() {
        let desk = Desk::load(&Pack::embedded()).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // The week of the National Day 2025 was off from 1 to 8 October; 28 September was a working Sunday.
        assert_eq!(back(&desk, day("2025-10-09"), 3), day("2025-09-28"));
        assert_eq!(back(&desk, day("2025-10-09"), 0), day("2025-10-09"));
    }
}
