//! The curve of `rules try` as a small drawing: one bar a value, the values in force filled darker.

use std::io::Write;
use std::path::Path;

use askama::Template;

use super::ReportError;
use crate::audit::rule::curve::Curve;

const BAR: usize = 36;
const GAP: usize = 16;
const LEFT: usize = 24;
const TOP: usize = 48;
const HEIGHT: usize = 180;

#[derive(Template)]
#[template(path = "curve.svg")]
struct Drawing<'a> {
    curve: &'a Curve,
    width: usize,
    height: usize,
    /// Where the bars stand.
    floor: usize,
    bars: Vec<Bar>,
}

/// A bar in the drawing's units.
struct Bar {
    x: usize,
    middle: usize,
    y: usize,
    height: usize,
    hits: usize,
    value: String,
    present: bool,
}

/// The curve as SVG.
///
/// # Errors
/// [`ReportError::Page`].
pub fn svg(curve: &Curve) -> Result<String, ReportError> {
    let most = curve
        .points
        .iter()
        .map(|p| p.hits)
        .max()
        .unwrap_or(0)
        .max(1);
    let bar = |(i, point): (usize, &crate::audit::rule::curve::Point)| {
        let height = HEIGHT * point.hits / most;
        let x = LEFT + i * (BAR + GAP);
        Bar {
            x,
            middle: x + BAR / 2,
            y: TOP + HEIGHT - height,
            height,
            hits: point.hits,
            value: point.value.shown(),
            present: point.present,
        }
    };
    let bars: Vec<Bar> = curve.points.iter().enumerate().map(bar).collect();
    let drawing = Drawing {
        curve,
        width: (LEFT + bars.len() * (BAR + GAP) + LEFT).max(420),
        height: TOP + HEIGHT + 110,
        floor: TOP + HEIGHT,
        bars,
    };
    Ok(drawing.render()?)
}

/// Writes the drawing.
///
/// # Errors
/// [`ReportError::Write`].
pub fn write_svg(curve: &Curve, path: &Path) -> Result<(), ReportError> {
    let text = svg(curve)?;
    let written = std::fs::File::create(path).and_then(|mut f| f.write_all(text.as_bytes()));
    written.map_err(|source| ReportError::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::params::ParamValue;
    use crate::audit::rule::curve::Point;

    #[test]
    fn every_value_has_a_bar_and_texts_are_escaped() {
        let point = |n: i64, hits, present| Point {
            value: ParamValue::Int(n),
            present,
            hits,
            added: 0,
            removed: 0,
        };
        let curve = Curve {
            rule: "X-001".into(),
            title: "甲 & 乙".into(),
            name: "n".into(),
            label: "<天数>".into(),
            unit: "天".into(),
            in_force: 3,
            points: vec![point(5, 6, false), point(10, 3, true), point(15, 0, false)],
            failed: Vec::new(),
        };
        let text = svg(&curve).unwrap();
        assert_eq!(text.matches("<rect class=\"bar").count(), 3, "{text}");
        assert_eq!(text.matches("bar present").count(), 1, "{text}");
        assert!(
            !text.contains("<天数>") && !text.contains("甲 & 乙"),
            "{text}"
        );
        // Twice the findings, twice the height.
        assert!(
            text.contains("height=\"180\"") && text.contains("height=\"90\""),
            "{text}"
        );
    }
}
