//! JSON → elements: a member is an element of its name, the items of an array are elements of the array's name. Numbers
//! are handed on as written: reading them as floats would lose what they say.

use super::collect::Collector;
use crate::import::codes;
use crate::import::refusal::Refusal;

/// Reads a document into the collector.
pub fn read(text: &str, collector: &mut Collector<'_, '_>) -> Result<(), Refusal> {
    let mut parser = Parser {
        text,
        at: 0,
        collector,
    };
    parser.blanks();
    parser.value("")?;
    parser.blanks();
    match parser.at == text.len() {
        true => Ok(()),
        false => Err(parser.wrong("最外层结束之后还有内容")),
    }
}

/// The first member's name, if the text begins as an object with one.
pub fn first_key(text: &str) -> Option<&str> {
    let inner = text.trim_start().strip_prefix('{')?.trim_start();
    inner.strip_prefix('"')?.split('"').next()
}

/// A document that ends or breaks at a place.
fn broken(text: &str, at: usize, message: &str) -> Refusal {
    let mut refusal = Refusal::new(codes::MARKUP_BROKEN, message);
    refusal.row = Some(line(text, at));
    refusal
}

/// The line of a position, from 1.
fn line(text: &str, at: usize) -> u32 {
    let before = &text.as_bytes()[..at.min(text.len())];
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}

struct Parser<'t, 'c, 'p, 's> {
    text: &'t str,
    at: usize,
    collector: &'c mut Collector<'p, 's>,
}

impl Parser<'_, '_, '_, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn wrong(&self, message: &str) -> Refusal {
        broken(self.text, self.at, &format!("JSON 读不下去:{message}"))
    }

    fn placed(&self, result: Result<(), Refusal>) -> Result<(), Refusal> {
        result.map_err(|mut refusal| {
            refusal.row = refusal.row.or(broken(self.text, self.at, "").row);
            refusal
        })
    }

    fn expect(&mut self, byte: u8) -> Result<(), Refusal> {
        if self.peek() != Some(byte) {
            let message = format!("这里应为「{}」", char::from(byte));
            return Err(self.wrong(&message));
        }
        self.at += 1;
        Ok(())
    }

    /// A value under a name. The collector limits the depth.
    fn value(&mut self, name: &str) -> Result<(), Refusal> {
        match self.peek() {
            Some(b'[') => self.array(name),
            Some(b'{') => {
                let started = self.collector.start(name, None);
                self.placed(started)?;
                self.object()?;
                let ended = self.collector.end();
                self.placed(ended)
            }
            _ => {
                let text = self.scalar()?;
                let started = self.collector.start(name, None);
                self.placed(started)?;
                let taken = self.collector.text(&text);
                self.placed(taken)?;
                let ended = self.collector.end();
                self.placed(ended)
            }
        }
    }

    fn array(&mut self, name: &str) -> Result<(), Refusal> {
        let nested = self.collector.nest();
        self.placed(nested)?;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.blanks();
                self.value(name)?;
                self.blanks();
                if self.peek() != Some(b',') {
                    break;
                }
                self.at += 1;
            }
            self.expect(b']')?;
        }
        self.collector.unnest();
        Ok(())
    }

    fn object(&mut self) -> Result<(), Refusal> {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blanks();
            let name = self.string()?;
            self.blanks();
            self.expect(b':')?;
            self.blanks();
            self.value(&name)?;
            self.blanks();
            if self.peek() != Some(b',') {
                break;
            }
            self.at += 1;
        }
        self.expect(b'}')
    }

    fn scalar(&mut self) -> Result<String, Refusal> {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let is_number = word.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let text = match word {
            "null" => "",
            "true" | "false" => word,
            _ if is_number => word,
            _ => return Err(self.wrong("这里应有一个值")),
        };
        self.at += end;
        Ok(text.to_owned())
    }

    fn string(&mut self) -> Result<String, Refusal> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = memchr::memchr2(b'"', b'\\', rest.as_bytes()) else {
                return Err(self.wrong("引号没有闭合"));
            };
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return Ok(out);
            }
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        let byte = self.peek();
        self.at += 1;
        Ok(match byte {
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => self.unicode()?,
            _ => {
                self.at -= 1;
                return Err(self.wrong("反斜杠后面的字符不认识"));
            }
        })
    }

    /// `\u4e2d`, perhaps the first half of a pair. A half without its other is no character.
    fn unicode(&mut self) -> Result<char, Refusal> {
        let first = self.hex()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let second = self.hex()?;
            let both = char::decode_utf16([first, second]).next();
            return both
                .and_then(Result::ok)
                .ok_or_else(|| self.wrong("\\u 后面不是一个字符"));
        }
        char::from_u32(u32::from(first)).ok_or_else(|| self.wrong("\\u 后面不是一个字符"))
    }

    fn hex(&mut self) -> Result<u16, Refusal> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.map(|d| u16::from_str_radix(d, 16)) {
            Some(Ok(unit)) => {
                self.at += 4;
                Ok(unit)
            }
            _ => Err(self.wrong("\\u 后面应有四位十六进制数")),
        }
    }
}
