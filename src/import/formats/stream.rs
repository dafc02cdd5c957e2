//! Text files read piece by piece, so that what is held does not grow with the file: data interfaces spend a kilobyte on an
//! entry. The encoding is told as in [`crate::import::text`], by a first reading that also takes the digest.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};
use sha2::{Digest, Sha256};

use crate::import::text::{Undecodable, is_binary};
use crate::model::{Text, hex};

/// Bytes read at a time.
const PIECE: usize = 1 << 16;
/// Bytes of text in which header words are looked for.
const BEGINNING: usize = 4096;

/// A file whose encoding is known.
#[derive(Debug)]
pub struct TextFile {
    path: PathBuf,
    encoding: &'static Encoding,
    /// Bytes of the byte-order mark.
    skip: usize,
}

/// What the first reading found.
#[derive(Debug)]
pub struct Survey {
    /// SHA-256 of the bytes, hex.
    pub digest: Text,
    pub text: Result<TextFile, Undecodable>,
}

/// Reads a file once. `familiar` tells whether the beginning of a text is one that is looked for.
///
/// # Errors
/// Those of the file system.
pub fn survey(path: &Path, familiar: &dyn Fn(&str) -> bool) -> io::Result<Survey> {
    let mut bytes = Bytes::default();
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE];
    let mut first = Vec::new();
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        if first.len() < BEGINNING {
            first.extend_from_slice(&piece[..read]);
        }
        bytes.take(&piece[..read]);
    }
    let of = |encoding, skip| TextFile {
        path: path.to_owned(),
        encoding,
        skip,
    };
    let text = match Encoding::for_bom(&first) {
        // The mark itself is sound UTF-8.
        Some((encoding, skip)) if encoding == UTF_8 => bytes.utf8().map(|()| of(UTF_8, skip)),
        Some((encoding, skip)) => of(encoding, skip).sound(false)?,
        None => match bytes.utf8() {
            Ok(()) if bytes.ascii || familiar(&start(&of(UTF_8, 0))?) => Ok(of(UTF_8, 0)),
            // Short GBK texts can be UTF-8 by chance: what is known decides.
            Ok(()) => match of(GB18030, 0).sound(true)? {
                Ok(text) if familiar(&start(&text)?) => Ok(text),
                _ => Ok(of(UTF_8, 0)),
            },
            Err(bad) => of(GB18030, 0).sound(true)?.map_err(|gbk| Undecodable {
                line: bad.line.max(gbk.line),
            }),
        },
    };
    Ok(Survey {
        digest: hex(&bytes.sha.finalize()).into(),
        text,
    })
}

fn start(text: &TextFile) -> io::Result<String> {
    text.beginning(BEGINNING)
}

/// What is told of bytes as they come by.
struct Bytes {
    sha: Sha256,
    ascii: bool,
    decoder: Decoder,
    scratch: Vec<u8>,
    /// Line of the first byte that is no UTF-8, from 1.
    bad: Option<usize>,
    lines: usize,
}

impl Default for Bytes {
    fn default() -> Bytes {
        Bytes {
            sha: Sha256::new(),
            ascii: true,
            decoder: UTF_8.new_decoder_without_bom_handling(),
            scratch: vec![0; 3 * PIECE + 16],
            bad: None,
            lines: 0,
        }
    }
}

impl Bytes {
    fn take(&mut self, piece: &[u8]) {
        self.sha.update(piece);
        self.ascii &= piece.is_ascii();
        if self.bad.is_some() {
            return;
        }
        let scratch = &mut self.scratch;
        let (result, read, _) = self
            .decoder
            .decode_to_utf8_without_replacement(piece, scratch, false);
        self.lines += memchr::memchr_iter(b'\n', &piece[..read]).count();
        if let DecoderResult::Malformed(..) = result {
            self.bad = Some(self.lines + 1);
        }
    }

    fn utf8(&mut self) -> Result<(), Undecodable> {
        let last = |bytes: &mut Bytes| {
            let scratch = &mut bytes.scratch;
            let end = bytes
                .decoder
                .decode_to_utf8_without_replacement(&[], scratch, true);
            matches!(end.0, DecoderResult::Malformed(..))
        };
        if self.bad.is_none() && last(self) {
            self.bad = Some(self.lines + 1);
        }
        match self.bad {
            Some(line) => Err(Undecodable { line }),
            None => Ok(()),
        }
    }
}

impl TextFile {
    /// What the encoding is called, for people.
    pub fn encoding(&self) -> &'static str {
        match self.encoding {
            e if e == GB18030 => "GB18030",
            e if e == UTF_8 => "UTF-8",
            _ => "UTF-16",
        }
    }

    /// The text from its beginning.
    pub fn open(&self) -> io::Result<Decoded> {
        let mut file = File::open(&self.path)?;
        let mut mark = vec![0; self.skip];
        file.read_exact(&mut mark)?;
        Ok(Decoded {
            file,
            decoder: self.encoding.new_decoder_without_bom_handling(),
            bytes: vec![0; PIECE],
            unread: 0..0,
            // One byte of GB18030 is at most three of UTF-8.
            text: vec![0; 3 * PIECE + 16],
            ready: 0..0,
            ended: false,
            bad: false,
        })
    }

    /// About so many bytes of text from the beginning.
    pub fn beginning(&self, bytes: usize) -> io::Result<String> {
        let mut out = Vec::new();
        self.open()?.take(bytes as u64).read_to_end(&mut out)?;
        let end = match std::str::from_utf8(&out) {
            Ok(text) => text.len(),
            Err(cut) => cut.valid_up_to(),
        };
        out.truncate(end);
        Ok(String::from_utf8(out).unwrap_or_default())
    }

    /// The line of a position in the text, from 1.
    pub fn line(&self, at: usize) -> io::Result<u32> {
        let mut text = self.open()?.take(at as u64);
        let (mut lines, mut piece) = (1, vec![0; PIECE]);
        loop {
            let read = text.read(&mut piece)?;
            if read == 0 {
                return Ok(u32::try_from(lines).unwrap_or(u32::MAX));
            }
            lines += memchr::memchr_iter(b'\n', &piece[..read]).count();
        }
    }

    /// The file, if all of it decodes. `text_only`: bytes of no text at all often decode, and control characters give them
    /// away.
    fn sound(self, text_only: bool) -> io::Result<Result<TextFile, Undecodable>> {
        if text_only && self.beginning(3 * BEGINNING).is_ok_and(|t| is_binary(&t)) {
            return Ok(Err(Undecodable { line: 1 }));
        }
        let (mut text, mut line) = (self.open()?, 1);
        loop {
            let read = match text.fill_buf() {
                Ok([]) => return Ok(Ok(self)),
                Ok(piece) => {
                    line += memchr::memchr_iter(b'\n', piece).count();
                    piece.len()
                }
                Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                    return Ok(Err(Undecodable { line }));
                }
                Err(e) => return Err(e),
            };
            text.consume(read);
        }
    }
}

/// A file as UTF-8.
pub struct Decoded {
    file: File,
    decoder: Decoder,
    bytes: Vec<u8>,
    unread: std::ops::Range<usize>,
    text: Vec<u8>,
    ready: std::ops::Range<usize>,
    ended: bool,
    /// Bytes that are no text came behind what is ready.
    bad: bool,
}

impl BufRead for Decoded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.ready.is_empty() && !self.ended {
            if self.bad {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if self.unread.is_empty() {
                self.unread = 0..self.file.read(&mut self.bytes)?;
            }
            let last = self.unread.is_empty();
            let unread = &self.bytes[self.unread.clone()];
            let decoder = &mut self.decoder;
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(unread, &mut self.text, last);
            self.unread.start += read;
            self.ready = 0..written;
            match result {
                DecoderResult::Malformed(..) => self.bad = true,
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
        }
        Ok(&self.text[self.ready.clone()])
    }

    fn consume(&mut self, amount: usize) {
        self.ready.start = self.ready.end.min(self.ready.start + amount);
    }
}

impl Read for Decoded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::text::decode;

    fn on_disk(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xml");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    /// Piece by piece and whole, the same text in the same encoding, or damage in the same line.
    fn agrees(bytes: &[u8]) {
        let familiar = |text: &str| text.contains("凭证");
        let (_folder, path) = on_disk(bytes);
        let found = survey(&path, &familiar).unwrap();
        assert_eq!(found.digest, crate::import::bytes::digest(bytes));
        match (found.text, decode(bytes.to_vec(), &familiar)) {
            (Ok(text), Ok(whole)) => {
                let mut read = String::new();
                text.open().unwrap().read_to_string(&mut read).unwrap();
                assert!(read == whole.text, "{} {}", read.len(), whole.text.len());
                assert!(whole.encoding.starts_with(text.encoding()));
                let lines = whole.text.bytes().filter(|b| *b == b'\n').count();
                assert_eq!(text.line(read.len()).unwrap() as usize, lines + 1);
            }
            (Err(one), Err(other)) => assert_eq!(one, other),
            (one, other) => panic!("{one:?} {other:?}"),
        }
    }

    #[test]
    fn piece_by_piece_is_as_whole() {
        // Longer than a piece, so that characters are cut in two.
        let long = "<记账凭证>摘要\n</记账凭证>x".repeat(9000);
        let gb = |text: &str| GB18030.encode(text).0.into_owned();
        let utf16: Vec<u8> = format!("\u{feff}{long}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [
            long.clone().into_bytes(),
            format!("\u{feff}{long}").into_bytes(),
            gb(&long),
            utf16,
            b"<a>plain</a>".to_vec(),
            gb("凭证"),
            Vec::new(),
        ] {
            agrees(&bytes);
        }
    }

    #[test]
    fn damage_is_placed() {
        let mut bytes = "凭证\n".repeat(20_000).into_bytes();
        bytes.truncate(bytes.len() - 2);
        agrees(&bytes);
        bytes.extend([0xff, 0xff, b'\n']);
        agrees(&bytes);
        agrees(&[0x89, b'P', b'N', b'G', 0, 1, 2, 0xc3, 0x28]);
    }
}
