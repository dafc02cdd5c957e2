//! XML → elements. No document type, no entities but the five of XML itself, so that nothing expands or reaches outside;
//! depth and sizes are limited by the collector.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::collect::Collector;
use super::stream::TextFile;
use crate::import::codes;
use crate::import::refusal::Refusal;

/// Reads a document into the collector, piece by piece.
pub fn read(text: &TextFile, collector: &mut Collector<'_, '_>) -> Result<(), Refusal> {
    let unreadable = |e: std::io::Error| Refusal::damaged(format!("文件读不出来:{e}"));
    let reader = Reader::from_reader(text.open().map_err(unreadable)?);
    events(reader, collector).map_err(|(mut refusal, at)| {
        // The line is counted when it is needed, in a reading of its own.
        refusal.row = text.line(at).ok();
        refusal
    })
}

/// Hands all events on. The error knows its position in the text.
fn events<R: BufRead>(
    mut reader: Reader<R>,
    collector: &mut Collector<'_, '_>,
) -> Result<(), (Refusal, usize)> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let before = place(reader.buffer_position());
        let event = reader.read_event_into(&mut buffer).map_err(|error| {
            let message = format!("XML 读不下去:{}", said(&error));
            let at = place(reader.error_position());
            (Refusal::new(codes::MARKUP_BROKEN, message), at)
        })?;
        let done = match event {
            Event::Start(element) => start(&element, collector),
            Event::Empty(element) => start(&element, collector).and_then(|()| collector.end()),
            Event::End(_) => collector.end(),
            Event::Text(part) => collector.text(&part.xml10_content()),
            Event::CData(part) => collector.text(&part.xml10_content()),
            Event::GeneralRef(entity) => reference(&entity, collector),
            Event::DocType(_) => {
                let message = "含有文档类型定义(DOCTYPE),其中可以定义实体";
                Err(Refusal::new(codes::MARKUP_REFUSED, message))
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(()),
        };
        done.map_err(|refusal| (refusal, before))?;
    }
    match collector.depth() {
        0 => Ok(()),
        open => {
            let message = format!("文件在 {open} 层元素之内就结束了,后面的内容缺失");
            let at = place(reader.buffer_position());
            Err((Refusal::new(codes::MARKUP_BROKEN, message), at))
        }
    }
}

/// What is wrong with the markup. What the library says of rarer faults is English and says no more.
fn said(error: &Error) -> String {
    match error {
        Error::Syntax(_) => "一处标记没有写完,文件可能没有传完".to_owned(),
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            format!("元素「{expected}」用「{found}」来结束")
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
            format!("结束了没有开始过的元素「{name}」")
        }
        Error::IllFormed(IllFormedError::MissingEndTag(name)) => format!("元素「{name}」没有结束"),
        Error::InvalidAttr(_) => "一个元素的属性写法不对".to_owned(),
        Error::Encoding(_) => "有不能识别的文字编码".to_owned(),
        Error::Io(error) => format!("文件读不出来:{error}"),
        _ => "标记不合 XML 的规定".to_owned(),
    }
}

fn place(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn start(element: &BytesStart<'_>, collector: &mut Collector<'_, '_>) -> Result<(), Refusal> {
    let id = element.attributes().flatten().find(|a| {
        let name: &str = a.key.local_name().into_inner();
        name.eq_ignore_ascii_case("locID")
    });
    let id = id.as_ref().map(|a| a.value.as_ref());
    collector.start(element.local_name().into_inner(), id)
}

fn reference(entity: &BytesRef<'_>, collector: &mut Collector<'_, '_>) -> Result<(), Refusal> {
    let name = entity.xml10_content();
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return collector.text(c.encode_utf8(&mut [0; 4]));
    }
    match resolve_xml_entity(&name) {
        Some(text) => collector.text(text),
        None => {
            let message = format!("引用了没有定义的实体 &{name};");
            Err(Refusal::new(codes::MARKUP_REFUSED, message))
        }
    }
}
