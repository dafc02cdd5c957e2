//! The fonts to set a document in: given files, or what is installed. Official papers ask for 仿宋, 黑体 and 小标宋, which are
//! not free; where they are not installed, the nearest Chinese font that is takes their place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;
use ttf_parser::Face as Outlines;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontFlags, FontInfo, FontVariant};
use typst_kit::fonts::{FontStore, system};

use crate::error::PdfError;
use crate::glyphs::{draws, visible};

/// A font that has these can set Chinese: common characters of the papers, some only in the simplified form.
const SAMPLE: &str = "三资审计凭证账户额单位签实际圆整";

/// Nearest to 仿宋 first. Names as the fonts carry them, in English or Chinese.
const BODY: &[&str] = &[
    "FangSong_GB2312",
    "仿宋_GB2312",
    "FangSong",
    "仿宋",
    "STFangsong",
    "FandolFang R",
    "FandolFang",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Serif SC",
    "SimSun",
    "STSong",
    "FandolSong",
    "AR PL UMing",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
];

/// Nearest to 黑体 first.
const HEADING: &[&str] = &[
    "SimHei",
    "黑体",
    "STHeiti",
    "FandolHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
];

/// Nearest to 小标宋 first.
const TITLE: &[&str] = &[
    "FZXiaoBiaoSong-B05S",
    "方正小标宋简体",
    "FZXiaoBiaoSong-B05",
    "STZhongsong",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Serif SC",
    "FandolSong",
];

/// The faces that are bold as they are.
const BOLD_BY_NATURE: &[&str] = &[
    "SimHei",
    "黑体",
    "STHeiti",
    "FZXiaoBiaoSong-B05S",
    "方正小标宋简体",
    "FZXiaoBiaoSong-B05",
    "STZhongsong",
];

/// Latin letters and figures in a Chinese text with serifs.
const LATIN: &[&str] = &[
    "Times New Roman",
    "Liberation Serif",
    "Nimbus Roman",
    "TeX Gyre Termes",
];

/// All fonts there are, and which of them are used for what.
pub struct Fonts {
    pub store: FontStore,
    pub roles: Roles,
}

/// What the layout is told of fonts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Roles {
    /// Set before the Chinese font, for letters and figures alone.
    pub latin: Option<String>,
    pub body: String,
    pub heading: Face,
    pub title: Face,
}

/// A family for headings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Face {
    pub family: String,
    pub emphasis: Emphasis,
}

/// Other fonts for what those of the roles do not draw. Characters are written as in a class of a regular expression.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Substitutes {
    /// To be drawn in no font of the roles.
    pub barred: String,
    /// Families with the characters that are theirs to draw.
    pub families: BTreeMap<String, String>,
}

/// How a heading is told from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Emphasis {
    /// By its own shape.
    None,
    /// The family has a bold face.
    Bold,
    /// It has none: its outlines are drawn thicker.
    Stroke,
}

impl Fonts {
    /// # Errors
    /// [`PdfError::Font`] for a file that is no font, [`PdfError::NoFont`] when nothing can set Chinese.
    pub fn find(files: &[PathBuf]) -> Result<Fonts, PdfError> {
        let mut store = FontStore::new();
        if files.is_empty() {
            store.extend(system());
        }
        for path in files {
            for font in faces(path)? {
                let info = font.info().clone();
                store.push((font, info));
            }
        }
        let roles = roles(store.book()).ok_or_else(|| PdfError::NoFont {
            looked: looked(files, store.book()),
        })?;
        Ok(Fonts { store, roles })
    }

    /// Who draws those of `characters` that a font of the roles has no glyph for, or an empty one. Typst would take the font
    /// that names a glyph, whether or not there is something in it.
    pub fn substitutes(&self, characters: &BTreeSet<char>) -> Substitutes {
        let roles = [
            &self.roles.body,
            &self.roles.heading.family,
            &self.roles.title.family,
        ];
        let mut substitutes = Substitutes::default();
        for &c in characters.iter().filter(|c| visible(**c)) {
            if roles.iter().all(|family| self.draws(family, c)) {
                continue;
            }
            let others = self.store.book().families().map(|(name, _)| name);
            let known = roles
                .iter()
                .map(|name| name.as_str())
                .chain(BODY.iter().copied());
            // What nobody draws is barred nowhere: Typst would leave it out without a trace.
            if let Some(family) = known.chain(others).find(|family| self.draws(family, c)) {
                let code = format!("\\x{{{:x}}}", c as u32);
                substitutes.barred += &code;
                *substitutes.families.entry(family.to_owned()).or_default() += &code;
            }
        }
        substitutes
    }

    /// Whether the regular face of a family draws the character.
    fn draws(&self, family: &str, c: char) -> bool {
        let book = self.store.book();
        let index = book.select(&family.to_lowercase(), FontVariant::default());
        let index = index.filter(|i| {
            book.info(*i)
                .is_some_and(|info| info.coverage.contains(c as u32))
        });
        let font = index.and_then(|index| self.store.font(index));
        font.is_some_and(|font| {
            Outlines::parse(font.data(), font.index()).is_ok_and(|face| draws(&face, c))
        })
    }
}

fn faces(path: &Path) -> Result<Vec<Font>, PdfError> {
    let wrong = |reason: String| PdfError::Font {
        path: path.to_owned(),
        reason,
    };
    let bytes = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let faces: Vec<Font> = Font::iter(Bytes::new(bytes)).collect();
    if faces.is_empty() {
        return Err(wrong("不是字体文件".to_owned()));
    }
    Ok(faces)
}

/// What was looked at, for the message.
fn looked(files: &[PathBuf], book: &FontBook) -> String {
    let families = book.families().count();
    match files.len() {
        0 => format!("本机装有 {families} 种字体,没有一种含常用汉字"),
        files => format!("给出的 {files} 个文件里没有一种含常用汉字"),
    }
}

/// `None`: no font can set Chinese.
fn roles(book: &FontBook) -> Option<Roles> {
    let body = first(book, BODY).or_else(|| any(book))?;
    let heading = first(book, HEADING).unwrap_or_else(|| body.clone());
    let title = first(book, TITLE).unwrap_or_else(|| heading.clone());
    let serif = serif(book, &body);
    let installed = |name: &&&str| book.contains_family(&name.to_lowercase());
    Some(Roles {
        latin: LATIN
            .iter()
            .find(installed)
            .filter(|_| serif)
            .map(|n| (*n).to_owned()),
        heading: face(book, heading),
        title: face(book, title),
        body,
    })
}

/// The first of `names` that is installed and can set Chinese.
fn first(book: &FontBook, names: &[&str]) -> Option<String> {
    let found = names.iter().find(|name| sets_chinese(book, name));
    found.map(|name| (*name).to_owned())
}

/// Any family that can: the first by name, so that it is the same one every time.
fn any(book: &FontBook) -> Option<String> {
    let mut families = book.families().map(|(name, _)| name.to_owned());
    families.find(|name| sets_chinese(book, name))
}

fn sets_chinese(book: &FontBook, family: &str) -> bool {
    let all = |info: &FontInfo| SAMPLE.chars().all(|c| info.coverage.contains(c as u32));
    infos(book, family).any(all)
}

fn serif(book: &FontBook, family: &str) -> bool {
    let lower = family.to_lowercase();
    let named = ["song", "serif", "ming", "fang", "宋"];
    named.iter().any(|n| lower.contains(n))
        || infos(book, family).any(|info| info.flags.contains(FontFlags::SERIF))
}

fn face(book: &FontBook, family: String) -> Face {
    let bold = |info: &FontInfo| {
        info.variant.weight.to_number() >= 600 || info.flags.contains(FontFlags::VARIABLE)
    };
    let emphasis = if BOLD_BY_NATURE.contains(&family.as_str()) {
        Emphasis::None
    } else if infos(book, &family).any(bold) {
        Emphasis::Bold
    } else {
        Emphasis::Stroke
    };
    Face { family, emphasis }
}

/// The faces of a family.
fn infos<'a>(book: &'a FontBook, family: &str) -> impl Iterator<Item = &'a FontInfo> {
    let faces = book.select_family(&family.to_lowercase());
    faces
        .filter_map(|index| book.info(index))
        .collect::<Vec<_>>()
        .into_iter()
}
