//! Plain types of the field: money, dates, periods, vouchers, register rows, problems.
//! Nothing here does I/O, awaits, or knows a database.

pub mod bundle;
mod capitals;
pub mod chart;
pub mod date;
mod geometry;
mod hex;
mod interner;
pub mod money;
mod name;
pub mod period;
pub mod problem;
pub mod role;
pub mod spreadsheet;
pub mod value;
pub mod voucher;

pub use bundle::{Column, ColumnType, Level, Table, catalogue};
pub use capitals::capitals;
pub use chart::{Account, AccountTag, Chart, ChartHistory, Charts, EarlierChart, Side, Standard};
pub use geometry::{Geometry, GeometryError, Position};
pub use hex::hex;
pub use interner::Interner;
pub use money::{Money, Scaled};
pub use name::plain_name;
pub use period::{Period, PeriodRange};
pub use problem::{Place, Problem, Problems, Severity};
pub use role::{Role, UnknownRole};
pub use value::{RegisterRow, Value};
pub use voucher::{Entry, HeldReason, HeldVoucher, Source, Text, Voucher, VoucherId};
