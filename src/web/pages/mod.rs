//! The pages, one file each: read the request, ask the library, draw.

pub mod account;
pub mod audit;
pub mod books;
pub mod bundle;
pub mod digits;
pub mod export;
pub mod findings;
pub mod handin;
pub mod item;
pub mod item_acts;
pub mod item_forms;
pub mod items;
pub mod log;
pub mod login;
pub mod map;
pub mod overview;
pub mod rectification;
pub mod registers;
pub mod show;
pub mod statements;
pub mod tokens;
pub mod users;
