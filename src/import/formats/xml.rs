//! XML → elements. No document type, no entities but the five of XML itself, so that nothing expands or reaches outside;
//! depth and sizes are limited by the collector.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::collect::Collector;
use crate::import::codes;
use crate::import::refusal::Refusal;

/// Reads a document into the collector.
pub fn read(text: &str, collector: &mut Collector<'_, '_>) -> Result<(), Refusal> {
    let mut reader = Reader::from_str(text);
    loop {
        let before = position(&reader);
        let event = reader.read_event().map_err(|error| {
            let at = usize::try_from(reader.error_position()).unwrap_or(before);
            broken(text, at, &format!("XML 读不下去:{error}"))
        })?;
        let placed = |mut refusal: Refusal| {
            refusal.row = refusal.row.or(Some(line(text, before)));
            refusal
        };
        match event {
            Event::Start(element) => start(&element, collector).map_err(placed)?,
            Event::Empty(element) => {
                start(&element, collector).map_err(placed)?;
                collector.end().map_err(placed)?;
            }
            Event::End(_) => collector.end().map_err(placed)?,
            Event::Text(part) => collector.text(&part.xml10_content()).map_err(placed)?,
            Event::CData(part) => collector.text(&part.xml10_content()).map_err(placed)?,
            Event::GeneralRef(entity) => reference(&entity, collector).map_err(placed)?,
            Event::DocType(_) => {
                let message = "含有文档类型定义(DOCTYPE),其中可以定义实体";
                return Err(placed(Refusal::new(codes::MARKUP_REFUSED, message)));
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    match collector.depth() {
        0 => Ok(()),
        open => {
            let message = format!("文件在 {open} 层元素之内就结束了,后面的内容缺失");
            Err(broken(text, text.len(), &message))
        }
    }
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

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// A document that ends or breaks at a place.
pub(super) fn broken(text: &str, at: usize, message: &str) -> Refusal {
    let mut refusal = Refusal::new(codes::MARKUP_BROKEN, message);
    refusal.row = Some(line(text, at));
    refusal
}

/// The line of a position, from 1.
fn line(text: &str, at: usize) -> u32 {
    let before = &text.as_bytes()[..at.min(text.len())];
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}
