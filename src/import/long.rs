//! Long journals in text, read block by block: what is held does not grow with the text. Whatever is unusual about a file
//! (another kind, an unclosed quote, bytes of no encoding) is left to those who read it whole and can tell more of it.

use std::fs::{self, File};
use std::io::Read;

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8};
use sha2::{Digest, Sha256};

use crate::model::{Text, hex};

use super::Context;
use super::Progress;
use super::files::{Listed, Pieces};
use super::handin::FileAccount;
use super::header::{SEARCHED_ROWS, WIDEST};
use super::journal::{JournalSheet, Reader};
use super::lines::{Blocks, Broken, Source};
use super::recognise::Reading;
use super::table::{Container, Grid, Sheet};
use super::text::{beginning, is_binary};

/// From how many bytes on a file is read in blocks, and how large they are.
#[derive(Debug, Clone, Copy)]
pub struct Long {
    pub from: u64,
    pub block: usize,
}

/// Below some megabytes, blocks save nothing.
pub const LONG: Long = Long {
    from: 4 << 20,
    block: 1 << 20,
};

/// Why a file is not read in blocks.
#[derive(Debug, PartialEq, Eq)]
enum Unfit {
    /// Not in this encoding.
    Encoding,
    /// Not at all.
    Other,
}

impl From<Broken<Unfit>> for Unfit {
    fn from(broken: Broken<Unfit>) -> Unfit {
        match broken {
            Broken::Source(unfit) => unfit,
            Broken::Record => Unfit::Other,
        }
    }
}

impl Pieces {
    /// Reads a long journal. `false`: the file is none, and nothing was taken from it.
    pub(super) fn long(
        &mut self,
        file: &Listed,
        organisation: Option<&Text>,
        context: &Context<'_>,
    ) -> bool {
        let length = fs::metadata(&file.path).map_or(0, |m| m.len());
        if length < context.long.from || !context.formats.is_plain(file) {
            return false;
        }
        let mut read = self.in_encoding(file, UTF_8, organisation, context);
        if read == Err(Unfit::Encoding) {
            read = self.in_encoding(file, GB18030, organisation, context);
        }
        read.is_ok()
    }

    fn in_encoding(
        &mut self,
        file: &Listed,
        encoding: &'static Encoding,
        organisation: Option<&Text>,
        context: &Context<'_>,
    ) -> Result<(), Unfit> {
        let mut bytes = Bytes::open(file, encoding, context.long.block)?;
        let mut blocks = Blocks::new(&mut bytes, context.long.block);
        let mut sheet = Sheet {
            file: file.name.as_str().into(),
            sheet: None,
            container: Container::Text,
            encoding: "",
            digest: Text::default(),
            grid: blocks.first(SEARCHED_ROWS)?,
            merged: Vec::new(),
        };
        if !is_text_of(&sheet.grid, encoding, context) || context.formats.is_text_set(&sheet) {
            return Err(Unfit::Other);
        }
        let Reading::Layout(profile, found) = context.recogniser.recognise(&sheet) else {
            return Err(Unfit::Other);
        };
        let below = sheet.grid.len() - found.header - 1;
        if profile.kind.table().is_some() || !found.missing.is_empty() || below == 0 {
            return Err(Unfit::Other);
        }
        let index = self.accounts.len();
        let reader = Reader::new(&sheet, profile, &found, &context.words, index);
        let (read, rows) = journal(reader, found.header, &sheet.grid, &mut blocks, context)?;
        sheet.encoding = bytes.name();
        let mut account = FileAccount {
            place: sheet.place(None, None),
            organisation: organisation.cloned(),
            layout: profile.title.clone(),
            encoding: sheet.encoding.to_owned(),
            digest: hex(&bytes.sha.finalize()),
            rows,
            heads: u32::try_from(found.header + 1).unwrap_or(u32::MAX),
            ..FileAccount::default()
        };
        self.header_problems(&sheet, profile, &found);
        self.journal(read, &mut account);
        self.accounts.push(account);
        Ok(())
    }
}

/// Reads the rows of the first block below the header, and all other blocks. Also the number of all rows.
fn journal(
    mut reader: Reader<'_>,
    header: usize,
    first: &Grid,
    blocks: &mut Blocks<&mut Bytes>,
    context: &Context<'_>,
) -> Result<(JournalSheet, u32), Unfit> {
    let mut rows: u32 = 0;
    let mut take = |grid: &Grid, heads: usize| {
        for (index, row) in grid.rows().enumerate() {
            if row.len() > WIDEST {
                return Err(Unfit::Other);
            }
            if index >= heads {
                reader.row(&row);
            }
        }
        rows = rows.saturating_add(u32::try_from(grid.len()).unwrap_or(u32::MAX));
        context.progress(|p: &dyn Progress| p.rows(grid.len() as u64));
        Ok(())
    };
    take(first, header + 1)?;
    while let Some(grid) = blocks.advance()? {
        take(grid, 0)?;
    }
    Ok((reader.finish(), rows))
}

/// Whether the first block is one that a whole reading would take in the same encoding.
fn is_text_of(grid: &Grid, encoding: &'static Encoding, context: &Context<'_>) -> bool {
    match encoding == UTF_8 {
        // Short GBK texts can be UTF-8 by chance.
        true => context.recogniser.familiar(beginning(&grid.text)),
        false => !is_binary(&grid.text),
    }
}

/// A file's bytes, decoded and digested as they come by.
struct Bytes {
    file: File,
    encoding: &'static Encoding,
    decoder: encoding_rs::Decoder,
    sha: Sha256,
    /// A byte-order mark stands first.
    marked: bool,
    piece: Vec<u8>,
    /// Bytes read at a time.
    size: usize,
    ended: bool,
}

impl Bytes {
    fn open(file: &Listed, encoding: &'static Encoding, block: usize) -> Result<Bytes, Unfit> {
        let mut open = File::open(&file.path).map_err(|_| Unfit::Other)?;
        let size = block.clamp(4, 1 << 16);
        let mut piece = vec![0; size];
        let read = open.read(&mut piece).map_err(|_| Unfit::Other)?;
        piece.truncate(read);
        let mark = Encoding::for_bom(&piece);
        if mark.is_some_and(|(marked, _)| marked != encoding) {
            return Err(Unfit::Other);
        }
        let mut bytes = Bytes {
            file: open,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            sha: Sha256::new(),
            marked: mark.is_some(),
            piece,
            size,
            ended: false,
        };
        bytes.sha.update(&bytes.piece);
        if let Some((_, skip)) = mark {
            bytes.piece.drain(..skip);
        }
        Ok(bytes)
    }

    /// What the encoding is called, for people.
    fn name(&self) -> &'static str {
        match (self.encoding == UTF_8, self.marked) {
            (true, true) => "UTF-8 BOM",
            (true, false) => "UTF-8",
            _ => "GB18030",
        }
    }
}

impl Source for &mut Bytes {
    type Error = Unfit;

    fn more(&mut self, text: &mut String) -> Result<bool, Unfit> {
        if self.ended {
            return Ok(false);
        }
        let last = self.piece.is_empty();
        // One byte of GB18030 is at most three of UTF-8.
        text.reserve(3 * self.piece.len() + 16);
        let (result, ..) =
            self.decoder
                .decode_to_string_without_replacement(&self.piece, text, last);
        if let DecoderResult::Malformed(..) = result {
            // A mark says which encoding it is.
            return Err(if self.marked {
                Unfit::Other
            } else {
                Unfit::Encoding
            });
        }
        self.ended = last;
        self.piece.resize(self.size, 0);
        let read = self.file.read(&mut self.piece).map_err(|_| Unfit::Other)?;
        self.piece.truncate(read);
        self.sha.update(&self.piece);
        Ok(true)
    }
}
