//! Which characters a font really draws. A font may name a glyph for a character and leave it empty (WenQuanYi Micro Hei does so
//! with ℃), which would leave a hole in a sentence.

use std::collections::{BTreeSet, HashMap};

use ttf_parser::{Face, GlyphId};
use typst::layout::{Frame, FrameItem};
use typst::text::{TextItem, is_default_ignorable};
use typst_layout::PagedDocument;

/// Whether something of this character must be seen.
pub fn visible(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_default_ignorable(c)
}

/// Whether the face has a glyph for the character with something in it.
pub fn draws(face: &Face<'_>, c: char) -> bool {
    face.glyph_index(c).is_some_and(|glyph| filled(face, glyph))
}

/// Glyph 0 is the box that stands for what a font does not have.
fn filled(face: &Face<'_>, glyph: GlyphId) -> bool {
    glyph.0 != 0
        && (face.glyph_bounding_box(glyph).is_some()
            || face.is_color_glyph(glyph)
            || face.glyph_raster_image(glyph, u16::MAX).is_some()
            || face.glyph_svg_image(glyph).is_some())
}

/// Those of `characters` that nobody will see on the finished pages.
pub fn unseen(document: &PagedDocument, characters: &BTreeSet<char>) -> BTreeSet<char> {
    let mut looked = Looked::default();
    for page in document.pages() {
        looked.frame(&page.frame);
    }
    let Looked {
        seen, mut unseen, ..
    } = looked;
    unseen.extend(
        characters
            .iter()
            .filter(|c| visible(**c) && !seen.contains(c)),
    );
    unseen
}

#[derive(Default)]
struct Looked {
    /// By address of the font's data, its index there, and glyph: outlines are costly to read again for each character of a page.
    filled: HashMap<(usize, u32, u16), bool>,
    seen: BTreeSet<char>,
    unseen: BTreeSet<char>,
}

impl Looked {
    fn frame(&mut self, frame: &Frame) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => self.frame(&group.frame),
                FrameItem::Text(text) => self.text(text),
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &TextItem) {
        // Several glyphs may draw one cluster of characters together.
        let mut clusters: HashMap<u16, (std::ops::Range<usize>, bool)> = HashMap::new();
        for glyph in &text.glyphs {
            let filled = self.filled(text, glyph.id);
            let cluster = clusters.entry(glyph.range.start);
            cluster.or_insert((glyph.range(), false)).1 |= filled;
        }
        for (range, filled) in clusters.into_values() {
            let characters = text.text.get(range).unwrap_or("\u{fffd}").chars();
            let visible = characters.filter(|c| visible(*c));
            if filled {
                self.seen.extend(visible);
            } else {
                self.unseen.extend(visible);
            }
        }
    }

    fn filled(&mut self, text: &TextItem, glyph: u16) -> bool {
        let font = text.font.font();
        let key = (font.data().as_ptr() as usize, font.index(), glyph);
        let look = || filled(text.font.ttf(), GlyphId(glyph));
        *self.filled.entry(key).or_insert_with(look)
    }
}
