//! `sanzi-pdf`: reads the model of one audit document as JSON on standard input and writes it as PDF on standard output.
//! A program of its own because Typst brings 170 crates that nothing else needs; Sanzi starts it when somebody wants a PDF.
//! It reads no file but fonts, and never the network.

mod args;
mod error;
mod fonts;
mod glyphs;
mod model;
mod typeset;
mod world;

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use error::PdfError;
use model::Document;

/// Standard input is not read beyond this: no document comes near it.
const LIMIT: u64 = 64 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), PdfError> {
    let wanted = match args::parse(std::env::args_os().skip(1))? {
        args::Asked::Help => return say(args::HELP),
        args::Asked::Version => return say(concat!("sanzi-pdf ", env!("CARGO_PKG_VERSION"), "\n")),
        args::Asked::Pdf { fonts } => fonts,
    };
    let document = Document::read(&input()?)?;
    let fonts = fonts::Fonts::find(&wanted)?;
    say(typeset::pdf(&document, fonts)?)
}

fn input() -> Result<Vec<u8>, PdfError> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|e| PdfError::model(format!("标准输入读不了:{e}")))?;
    if bytes.len() as u64 > LIMIT {
        return Err(PdfError::model(format!("超过 {} MB", LIMIT >> 20)));
    }
    Ok(bytes)
}

fn say(bytes: impl AsRef<[u8]>) -> Result<(), PdfError> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(bytes.as_ref()).and_then(|()| out.flush());
    written.map_err(|e| PdfError::Output {
        reason: e.to_string(),
    })
}
