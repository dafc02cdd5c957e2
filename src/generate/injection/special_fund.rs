//! Compensation for land taken.

use super::super::account::A;
use super::super::book::Book;
use super::super::compensation::Project;
use super::{GenerateError, Injection, day};

pub const ALL: &[Injection] = &[
    Injection::new("S-001", 2, outside_the_account),
    // The households are due theirs after thirty days.
    Injection::new("S-002", 4, withheld),
];

/// The basic account takes in what belongs in the special one.
fn outside_the_account(book: &mut Book) -> Result<(), GenerateError> {
    let project = Project {
        no: "BC-9001",
        name: "泵站扩建征地",
        received: day(book, 1, 5),
        account: A::Bank,
        paid_out: true,
    };
    project.write(book)?;
    book.label("S-001", project.no);
    Ok(())
}

fn withheld(book: &mut Book) -> Result<(), GenerateError> {
    let project = Project {
        no: "BC-9002",
        name: "轨道站点征地",
        received: day(book, 1, 7),
        account: A::CompBank,
        paid_out: false,
    };
    project.write(book)?;
    book.label("S-002", project.no);
    Ok(())
}
