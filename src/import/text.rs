//! Bytes of a text file → text. Order: byte-order mark, strict UTF-8, GB18030. Short GBK texts can be valid UTF-8 by
//! chance, so a UTF-8 reading without a single known header word is compared with the GB18030 reading.

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_16BE, UTF_16LE};

/// A decoded text and the name of its encoding, as shown to people.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    pub encoding: &'static str,
}

/// The bytes are in no encoding that we know. The line, from 1, is where the best reading failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Undecodable {
    pub line: usize,
}

impl Undecodable {
    fn at(bytes: &[u8], offset: usize) -> Undecodable {
        let before = bytes.iter().take(offset);
        Undecodable {
            line: before.filter(|&&b| b == b'\n').count() + 1,
        }
    }
}

/// Decodes a whole file. `familiar` tells whether the beginning of a text holds a known header word.
pub fn decode(bytes: Vec<u8>, familiar: &dyn Fn(&str) -> bool) -> Result<Decoded, Undecodable> {
    if let Some((encoding, skip)) = Encoding::for_bom(&bytes) {
        let name = match encoding {
            e if e == UTF_16LE || e == UTF_16BE => "UTF-16",
            _ => "UTF-8 BOM",
        };
        if encoding == encoding_rs::UTF_8 {
            let mut bytes = bytes;
            bytes.drain(..skip);
            return match String::from_utf8(bytes) {
                Ok(text) => Ok(Decoded {
                    text,
                    encoding: name,
                }),
                Err(error) => Err(Undecodable::at(
                    error.as_bytes(),
                    error.utf8_error().valid_up_to(),
                )),
            };
        }
        let (text, bad) = encoding.decode_without_bom_handling(&bytes[skip..]);
        return if bad {
            Err(Undecodable::at(
                &bytes,
                Encoding::utf8_valid_up_to(&bytes[skip..]) + skip,
            ))
        } else {
            Ok(Decoded {
                text: text.into_owned(),
                encoding: name,
            })
        };
    }
    let utf8 = match String::from_utf8(bytes) {
        Ok(utf8) => utf8,
        Err(error) => {
            let bytes = error.as_bytes();
            let furthest = || error.utf8_error().valid_up_to().max(gb18030_up_to(bytes));
            let text = gb18030(bytes).ok_or_else(|| Undecodable::at(bytes, furthest()))?;
            return Ok(Decoded {
                text,
                encoding: "GB18030",
            });
        }
    };
    if !familiar(beginning(&utf8))
        && !utf8.is_ascii()
        && let Some(text) = gb18030(utf8.as_bytes())
        && familiar(beginning(&text))
    {
        return Ok(Decoded {
            text,
            encoding: "GB18030",
        });
    }
    Ok(Decoded {
        text: utf8,
        encoding: "UTF-8",
    })
}

fn gb18030(bytes: &[u8]) -> Option<String> {
    let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
    (!is_binary(&text)).then(|| text.into_owned())
}

/// Up to which byte a text is GB18030; 0 where it is no text at all.
fn gb18030_up_to(bytes: &[u8]) -> usize {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let (mut at, mut piece, mut first) = (0, vec![0; 1 << 16], true);
    loop {
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(&bytes[at..], &mut piece, true);
        at += read;
        if std::mem::take(&mut first) && is_binary(&String::from_utf8_lossy(&piece[..written])) {
            return 0;
        }
        match result {
            DecoderResult::OutputFull => {}
            DecoderResult::InputEmpty => return at,
            DecoderResult::Malformed(bad, behind) => {
                return at.saturating_sub(usize::from(bad) + usize::from(behind));
            }
        }
    }
}

/// Bytes of no text at all (a picture) often decode; control characters give them away.
pub fn is_binary(text: &str) -> bool {
    text.chars()
        .take(4096)
        .any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t' | '\u{1a}'))
}

/// The first 4 KB or so, where the header stands.
pub(super) fn beginning(text: &str) -> &str {
    let mut end = text.len().min(4096);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Undoes a workbook's GBK text read as Latin-1 (`Æ¾Ö¤` → `凭证`). `None`: it is not that, or the way back would not end
/// in the same bytes.
pub fn repair_latin1(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes = match text.chars().map(|c| u8::try_from(c as u32)).collect() {
        Ok(bytes) => bytes,
        Err(_) => {
            let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(text);
            if lossy {
                return None;
            }
            Vec::from(bytes)
        }
    };
    let repaired = GB18030.decode_without_bom_handling_and_without_replacement(&bytes)?;
    (*GB18030.encode(&repaired).0 == *bytes).then(|| repaired.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn familiar(text: &str) -> bool {
        text.contains("日期") || text.contains("仁伦")
    }

    #[test]
    fn tells_encodings_apart() {
        let text = "日期,摘要\n2024-01-01,收租金\n";
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (
                [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat(),
                "UTF-8 BOM",
            ),
            (gbk(text), "GB18030"),
        ] {
            let want = Decoded {
                text: text.into(),
                encoding,
            };
            assert_eq!(decode(bytes, &familiar), Ok(want));
        }
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decode(utf16, &familiar).unwrap().encoding, "UTF-16");
    }

    #[test]
    fn gbk_that_is_valid_utf8_is_read_by_its_header_words() {
        // 仁伦 in GBK is C8 CA C2 D7, which is no UTF-8; find a pair that is both.
        let trap = b"\xc4\xa3\xca\xb3";
        assert!(std::str::from_utf8(trap).is_ok());
        let as_gbk = gb18030(trap).unwrap();
        let knows = |t: &str| t.contains(&as_gbk);
        assert_eq!(decode(trap.to_vec(), &knows).unwrap().encoding, "GB18030");
        assert_eq!(decode(trap.to_vec(), &|_| false).unwrap().encoding, "UTF-8");
    }

    #[test]
    fn the_line_is_the_one_that_the_best_reading_came_to() {
        let line = |bytes: Vec<u8>| decode(bytes, &familiar).unwrap_err().line;
        let gbk_first = [gbk("日期,摘要\n收,付\n").as_slice(), b"\xff\xff\n"].concat();
        assert_eq!(line(gbk_first), 3);
        let utf8_first = ["日期,摘要\n".repeat(9).as_bytes(), b"\xff\xff\n"].concat();
        assert_eq!(line(utf8_first), 10);
    }

    #[test]
    fn refuses_bytes_that_are_no_text() {
        assert!(decode(b"\xff\xfe\x00\xd8\x00\x00\xff".to_vec(), &familiar).is_err());
        assert!(decode(vec![0x81, 0x00, 0x02, 0xff, 0xff], &familiar).is_err());
    }

    #[test]
    fn repairs_mojibake_of_old_workbooks() {
        let wrong: String = gbk("凭证").into_iter().map(char::from).collect();
        assert_eq!(repair_latin1(&wrong).as_deref(), Some("凭证"));
        assert_eq!(repair_latin1("凭证"), None);
        assert_eq!(repair_latin1("abc"), None);
    }
}
