//! JSON → elements, piece by piece: a member is an element of its name, the items of an array are elements of the array's
//! name. Numbers are handed on as written: reading them as floats would lose what they say.

use std::io::BufRead;

use super::collect::Collector;
use super::stream::TextFile;
use crate::import::codes;
use crate::import::refusal::Refusal;

/// Texts beyond this many bytes are none: a quote is not closed.
const LONGEST: usize = 1 << 24;

/// Reads a document into the collector.
pub fn read(text: &TextFile, collector: &mut Collector<'_, '_>) -> Result<(), Refusal> {
    let mut parser = Parser {
        text: text.open().map_err(|e| unreadable(&e))?,
        line: 1,
        collector,
    };
    parser.blanks()?;
    parser.value("")?;
    parser.blanks()?;
    match parser.peek()? {
        None => Ok(()),
        Some(_) => Err(parser.wrong("最外层结束之后还有内容")),
    }
}

/// The first member's name, if the text begins as an object with one.
pub fn first_key(text: &str) -> Option<&str> {
    let inner = text.trim_start().strip_prefix('{')?.trim_start();
    inner.strip_prefix('"')?.split('"').next()
}

fn unreadable(error: &std::io::Error) -> Refusal {
    Refusal::damaged(format!("文件读不出来:{error}"))
}

struct Parser<'c, 'p, 's, R> {
    text: R,
    /// From 1.
    line: u32,
    collector: &'c mut Collector<'p, 's>,
}

impl<R: BufRead> Parser<'_, '_, '_, R> {
    fn peek(&mut self) -> Result<Option<u8>, Refusal> {
        let ready = self.text.fill_buf().map_err(|e| unreadable(&e))?;
        Ok(ready.first().copied())
    }

    /// Passes over a byte that was looked at.
    fn pass(&mut self, byte: u8) {
        self.line += u32::from(byte == b'\n');
        self.text.consume(1);
    }

    /// Passes over a byte if it is this one.
    fn passed(&mut self, byte: u8) -> Result<bool, Refusal> {
        let there = self.peek()? == Some(byte);
        if there {
            self.pass(byte);
        }
        Ok(there)
    }

    fn blanks(&mut self) -> Result<(), Refusal> {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek()? {
            self.pass(byte);
        }
        Ok(())
    }

    fn wrong(&self, message: &str) -> Refusal {
        let mut refusal = Refusal::new(codes::MARKUP_BROKEN, format!("JSON 读不下去:{message}"));
        refusal.row = Some(self.line);
        refusal
    }

    fn placed(&self, result: Result<(), Refusal>) -> Result<(), Refusal> {
        result.map_err(|mut refusal| {
            refusal.row = refusal.row.or(Some(self.line));
            refusal
        })
    }

    fn expect(&mut self, byte: u8) -> Result<(), Refusal> {
        match self.passed(byte)? {
            true => Ok(()),
            false => Err(self.wrong(&format!("这里应为「{}」", char::from(byte)))),
        }
    }

    /// A value under a name. The collector limits the depth.
    fn value(&mut self, name: &str) -> Result<(), Refusal> {
        match self.peek()? {
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
        self.pass(b'[');
        self.blanks()?;
        if !self.passed(b']')? {
            loop {
                self.blanks()?;
                self.value(name)?;
                self.blanks()?;
                if !self.passed(b',')? {
                    break;
                }
            }
            self.expect(b']')?;
        }
        self.collector.unnest();
        Ok(())
    }

    fn object(&mut self) -> Result<(), Refusal> {
        self.pass(b'{');
        self.blanks()?;
        if self.passed(b'}')? {
            return Ok(());
        }
        loop {
            self.blanks()?;
            let name = self.string()?;
            self.blanks()?;
            self.expect(b':')?;
            self.blanks()?;
            self.value(&name)?;
            self.blanks()?;
            if !self.passed(b',')? {
                break;
            }
        }
        self.expect(b'}')
    }

    fn scalar(&mut self) -> Result<String, Refusal> {
        if self.peek()? == Some(b'"') {
            return self.string();
        }
        let mut word = Vec::new();
        let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        self.until(|b| !inside(b), &mut word)?;
        let word = String::from_utf8(word).unwrap_or_default();
        let is_number = word.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        match word.as_str() {
            "null" => Ok(String::new()),
            "true" | "false" => Ok(word),
            _ if is_number => Ok(word),
            _ => Err(self.wrong("这里应有一个值")),
        }
    }

    /// Takes the bytes before the first that stops. `false`: none does, or only after more than a text may hold.
    fn until(&mut self, stops: impl Fn(u8) -> bool, out: &mut Vec<u8>) -> Result<bool, Refusal> {
        loop {
            let ready = self.text.fill_buf().map_err(|e| unreadable(&e))?;
            if ready.is_empty() || out.len() > LONGEST {
                return Ok(false);
            }
            let stop = ready.iter().position(|b| stops(*b));
            let taken = stop.unwrap_or(ready.len());
            out.extend_from_slice(&ready[..taken]);
            let lines = memchr::memchr_iter(b'\n', &ready[..taken]).count();
            self.line += u32::try_from(lines).unwrap_or(u32::MAX);
            self.text.consume(taken);
            if stop.is_some() {
                return Ok(true);
            }
        }
    }

    fn string(&mut self) -> Result<String, Refusal> {
        self.expect(b'"')?;
        let mut out = Vec::new();
        loop {
            let began = self.line;
            if !self.until(|b| matches!(b, b'"' | b'\\'), &mut out)? {
                self.line = began;
                return Err(self.wrong("引号没有闭合"));
            }
            if self.passed(b'"')? {
                // Pieces of sound text between sound characters.
                return Ok(String::from_utf8(out).unwrap_or_default());
            }
            self.pass(b'\\');
            let c = self.escape()?;
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        let byte = self.peek()?;
        let c = match byte {
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.pass(b'u');
                return self.unicode();
            }
            _ => return Err(self.wrong("反斜杠后面的字符不认识")),
        };
        self.pass(byte.unwrap_or_default());
        Ok(c)
    }

    /// `\u4e2d`, perhaps the first half of a pair. A half without its other is no character.
    fn unicode(&mut self) -> Result<char, Refusal> {
        let first = self.hex()?;
        let is_half = (0xd800..0xdc00).contains(&first);
        let units = match is_half && self.passed(b'\\')? && self.passed(b'u')? {
            true => vec![first, self.hex()?],
            false => vec![first],
        };
        let decoded = char::decode_utf16(units).next();
        decoded
            .and_then(Result::ok)
            .ok_or_else(|| self.wrong("\\u 后面不是一个字符"))
    }

    fn hex(&mut self) -> Result<u16, Refusal> {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.peek()?.unwrap_or_default();
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.wrong("\\u 后面应有四位十六进制数"));
            };
            self.pass(byte);
            unit = unit * 16 + u16::try_from(digit).unwrap_or_default();
        }
        Ok(unit)
    }
}
