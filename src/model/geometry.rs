//! Where a thing lies on the ground: GeoJSON (RFC 7946) of points and polygons, longitude first, in degrees.

use serde_json::{Value, json};

/// Ten-millionths of a degree in one: the scale of the catalogue's coordinates, about a centimetre.
const SCALE: f64 = 10_000_000.0;
/// Points of one shape: more than any surveyed parcel has.
const MOST_POINTS: usize = 20_000;

/// A point in ten-millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub lon: i64,
    pub lat: i64,
}

/// A closed line: its last point is its first.
pub type Ring = Vec<Position>;

/// A shape. A polygon is its outer ring and the holes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Geometry {
    Point(Position),
    Polygons(Vec<Vec<Ring>>),
}

/// Why a text is no shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    #[error("不是 GeoJSON")]
    NotJson,
    #[error("「{0}」不能用,只接受 Point、Polygon、MultiPolygon")]
    Kind(String),
    #[error("缺少 coordinates,或其中有不是数字的")]
    Coordinates,
    #[error("经度 {lon}、纬度 {lat} 不在地球上;应以度为单位,先经度后纬度")]
    Range { lon: String, lat: String },
    #[error("边界应有四个以上的点,首尾相同")]
    Open,
    #[error("边界围不出面积")]
    Flat,
    #[error("超过 {MOST_POINTS} 个点")]
    Long,
}

impl Position {
    /// A point from the cells of longitude and latitude.
    ///
    /// # Errors
    /// It lies outside −180…180 and −90…90 degrees.
    pub fn new(lon: i64, lat: i64) -> Result<Position, GeometryError> {
        let within = lon.unsigned_abs() <= 1_800_000_000 && lat.unsigned_abs() <= 900_000_000;
        match within {
            true => Ok(Position { lon, lat }),
            false => Err(GeometryError::Range {
                lon: super::money::format_scaled(lon, 7),
                lat: super::money::format_scaled(lat, 7),
            }),
        }
    }

    /// A coordinate array; what stands behind the second number is a height.
    fn parse(value: &Value) -> Result<Position, GeometryError> {
        let number = |at: usize| value.get(at).and_then(Value::as_f64);
        let (lon, lat) = number(0).zip(number(1)).ok_or(GeometryError::Coordinates)?;
        let units = |degrees: f64| (degrees * SCALE).round() as i64;
        Position::new(units(lon), units(lat))
    }

    fn json(self) -> Value {
        json!([self.lon as f64 / SCALE, self.lat as f64 / SCALE])
    }
}

impl Geometry {
    /// Reads a geometry, or the one of a `Feature`.
    ///
    /// # Errors
    /// [`GeometryError`]: what is wrong first.
    pub fn parse(text: &str) -> Result<Geometry, GeometryError> {
        let value: Value = serde_json::from_str(text).map_err(|_| GeometryError::NotJson)?;
        if !value.is_object() {
            return Err(GeometryError::NotJson);
        }
        let shape = match value["type"].as_str() {
            Some("Feature") => &value["geometry"],
            _ => &value,
        };
        let coordinates = &shape["coordinates"];
        match shape["type"].as_str() {
            Some("Point") => Ok(Geometry::Point(Position::parse(coordinates)?)),
            Some("Polygon") => Geometry::of(vec![polygon(coordinates)?]),
            Some("MultiPolygon") => {
                let all = parts(coordinates)?.iter().map(polygon);
                Geometry::of(all.collect::<Result<_, _>>()?)
            }
            other => Err(GeometryError::Kind(other.unwrap_or("type").to_owned())),
        }
    }

    fn of(polygons: Vec<Vec<Ring>>) -> Result<Geometry, GeometryError> {
        let points: usize = polygons.iter().flatten().map(Vec::len).sum();
        match points {
            0 => Err(GeometryError::Coordinates),
            n if n > MOST_POINTS => Err(GeometryError::Long),
            _ => Ok(Geometry::Polygons(polygons)),
        }
    }

    /// As GeoJSON: `Point`, `Polygon`, or `MultiPolygon` of several.
    pub fn json(&self) -> Value {
        let rings = |polygon: &Vec<Ring>| -> Value {
            let ring = |r: &Ring| r.iter().map(|p| p.json()).collect::<Value>();
            polygon.iter().map(ring).collect()
        };
        let (kind, coordinates) = match self {
            Geometry::Point(point) => ("Point", point.json()),
            Geometry::Polygons(all) => match all.as_slice() {
                [one] => ("Polygon", rings(one)),
                all => ("MultiPolygon", all.iter().map(rings).collect()),
            },
        };
        json!({ "type": kind, "coordinates": coordinates })
    }
}

fn parts(value: &Value) -> Result<&Vec<Value>, GeometryError> {
    value.as_array().ok_or(GeometryError::Coordinates)
}

fn polygon(value: &Value) -> Result<Vec<Ring>, GeometryError> {
    let rings = parts(value)?;
    if rings.is_empty() {
        return Err(GeometryError::Coordinates);
    }
    rings.iter().map(ring).collect()
}

fn ring(value: &Value) -> Result<Ring, GeometryError> {
    let points = parts(value)?.iter().map(Position::parse);
    let points: Ring = points.collect::<Result<_, _>>()?;
    if points.len() < 4 || points.first() != points.last() {
        return Err(GeometryError::Open);
    }
    let twice = points.windows(2).map(|pair| {
        let (a, b) = (pair[0], pair[1]);
        i128::from(a.lon) * i128::from(b.lat) - i128::from(b.lon) * i128::from(a.lat)
    });
    match twice.sum::<i128>() {
        0 => Err(GeometryError::Flat),
        _ => Ok(points),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_and_written_as_they_were() {
        for text in [
            r#"{"type":"Point","coordinates":[114.102416,30.30154]}"#,
            r#"{"type":"Polygon","coordinates":[[[114.1,30.3],[114.2,30.3],[114.2,30.4],[114.1,30.3]]]}"#,
            r#"{"type":"MultiPolygon","coordinates":[[[[1.0,1.0],[2.0,1.0],[2.0,2.0],[1.0,1.0]]],[[[5.0,5.0],[6.0,5.0],[6.0,6.0],[5.0,5.0]]]]}"#,
        ] {
            let read = Geometry::parse(text).unwrap();
            assert_eq!(read.json().to_string(), text);
            let feature = format!(r#"{{"type":"Feature","properties":{{}},"geometry":{text}}}"#);
            assert_eq!(Geometry::parse(&feature), Ok(read));
        }
        // Heights are left out, digits beyond a centimetre rounded.
        let high = Geometry::parse(r#"{"type":"Point","coordinates":[114.12345678,30,25.5]}"#);
        let place = Position::new(1_141_234_568, 300_000_000).unwrap();
        assert_eq!(high, Ok(Geometry::Point(place)));
    }

    #[test]
    fn what_is_no_shape_says_why() {
        let polygon = |ring: &str| format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#);
        let cases = [
            ("东至路,南至渠".to_owned(), "不是 GeoJSON"),
            ("[114.1,30.3]".to_owned(), "不是 GeoJSON"),
            (
                r#"{"type":"LineString","coordinates":[]}"#.to_owned(),
                "LineString",
            ),
            (r#"{"coordinates":[1,2]}"#.to_owned(), "type"),
            (r#"{"type":"Point"}"#.to_owned(), "coordinates"),
            (
                r#"{"type":"Point","coordinates":["114","30"]}"#.to_owned(),
                "不是数字",
            ),
            (
                r#"{"type":"Point","coordinates":[30.3,114.1]}"#.to_owned(),
                "先经度后纬度",
            ),
            (
                r#"{"type":"Point","coordinates":[38512345.6,3351234.5]}"#.to_owned(),
                "以度为单位",
            ),
            (
                r#"{"type":"Polygon","coordinates":[]}"#.to_owned(),
                "coordinates",
            ),
            (
                r#"{"type":"MultiPolygon","coordinates":[]}"#.to_owned(),
                "coordinates",
            ),
            (polygon("[1,1],[2,1],[2,2],[1,2]"), "首尾相同"),
            (polygon("[1,1],[2,1],[1,1]"), "四个以上"),
            (polygon("[1,1],[2,2],[3,3],[1,1]"), "面积"),
            (
                polygon("[1,1],".repeat(20_001)[..].trim_end_matches(',')),
                "面积",
            ),
        ];
        for (text, want) in cases {
            let error = Geometry::parse(&text).unwrap_err().to_string();
            assert!(error.contains(want), "{text}: {error}");
        }
        let mut long = "[1,1],[2,1],".repeat(10_001);
        long.push_str("[2,2],[1,1]");
        assert_eq!(Geometry::parse(&polygon(&long)), Err(GeometryError::Long));
    }
}
