//! By what the map is coloured, and what each colour means. A class has a code (`use-shop`, in the page and its pictures), a word
//! and, in the pictures, a pattern, so that nobody needs to tell colours apart.

/// A way to colour the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    pub code: &'static str,
    pub label: &'static str,
    /// Code and word of each class, in the order of the legend.
    pub classes: &'static [(&'static str, &'static str)],
}

/// All ways, the first is shown first.
pub const MODES: [Mode; 4] = [
    Mode {
        code: "use",
        label: "用途",
        classes: &Use::CLASSES,
    },
    Mode {
        code: "rent",
        label: "欠租",
        classes: &Rent::CLASSES,
    },
    Mode {
        code: "idle",
        label: "闲置",
        classes: &Occupancy::CLASSES,
    },
    Mode {
        code: "found",
        label: "疑点与问题",
        classes: &Found::CLASSES,
    },
];

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Shop,
    Building,
    Farm,
    Water,
    Construction,
    Other,
}

impl Use {
    const CLASSES: [(&'static str, &'static str); 6] = [
        ("use-shop", "商铺"),
        ("use-building", "房屋"),
        ("use-farm", "农用地"),
        ("use-water", "水面"),
        ("use-construction", "建设用地"),
        ("use-other", "其他"),
    ];

    /// `None`: it has no place of its own.
    pub fn of_asset(category: &str) -> Option<Use> {
        match category {
            "machine" | "vehicle" => None,
            "shop" => Some(Use::Shop),
            "building" => Some(Use::Building),
            "land_use_right" => Some(Use::Construction),
            _ => Some(Use::Other),
        }
    }

    pub fn of_parcel(kind: &str) -> Use {
        match kind {
            "arable" | "orchard" | "forest" | "grass" => Use::Farm,
            "water" => Use::Water,
            "collective_construction" | "other_construction" => Use::Construction,
            _ => Use::Other,
        }
    }

    pub fn class(self) -> (&'static str, &'static str) {
        Use::CLASSES[self as usize]
    }
}

/// How its rent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rent {
    Old,
    Recent,
    Paid,
    None,
}

impl Rent {
    const CLASSES: [(&'static str, &'static str); 4] = [
        ("rent-old", "欠租,有 90 天以上的"),
        ("rent-recent", "欠租,都在 90 天以内"),
        ("rent-paid", "不欠租"),
        ("rent-none", "不收租"),
    ];

    pub fn class(self) -> (&'static str, &'static str) {
        Rent::CLASSES[self as usize]
    }
}

/// Whether it stands idle, by the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupancy {
    Idle,
    Used,
    Other,
}

impl Occupancy {
    const CLASSES: [(&'static str, &'static str); 3] = [
        ("idle-idle", "闲置"),
        ("idle-used", "出租、发包、自用"),
        ("idle-other", "其他(在建、待处置、争议、未填)"),
    ];

    pub fn of(status: &str) -> Occupancy {
        match status {
            "idle" => Occupancy::Idle,
            "own_use" | "let" | "contracted" | "own" => Occupancy::Used,
            _ => Occupancy::Other,
        }
    }

    pub fn class(self) -> (&'static str, &'static str) {
        Occupancy::CLASSES[self as usize]
    }
}

/// The heaviest open item about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    High,
    Medium,
    Low,
    None,
}

impl Found {
    const CLASSES: [(&'static str, &'static str); 4] = [
        ("found-high", "▲ 高"),
        ("found-medium", "◆ 中"),
        ("found-low", "● 低"),
        ("found-none", "没有未了结的"),
    ];

    pub fn of<'a>(severities: impl Iterator<Item = &'a str>) -> Found {
        let place = |severity: &str| match severity {
            "high" => Found::High,
            "medium" => Found::Medium,
            _ => Found::Low,
        };
        severities
            .map(place)
            .min_by_key(|f| *f as usize)
            .unwrap_or(Found::None)
    }

    pub fn class(self) -> (&'static str, &'static str) {
        Found::CLASSES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ColumnType, catalogue};

    /// The codes of the catalogue: a new word must be thought of here.
    #[test]
    fn the_words_of_the_registers_are_known() {
        let words = |table: &str, column: &str| {
            let column = catalogue().table(table).unwrap().column(column).unwrap();
            match &column.kind {
                ColumnType::Enum { values, .. } => values.clone(),
                _ => panic!("{table}.{column:?}"),
            }
        };
        let other = |all: Vec<(String, String)>, is: &dyn Fn(&str) -> bool| {
            let all = all.into_iter().filter(|(_, code)| is(code));
            all.map(|(word, _)| word).collect::<Vec<_>>().join("、")
        };
        let assets = words("asset", "category");
        assert_eq!(
            other(assets.clone(), &|c| Use::of_asset(c).is_none()),
            "机器、车辆"
        );
        assert_eq!(
            other(assets, &|c| Use::of_asset(c) == Some(Use::Other)),
            "其他"
        );
        let parcels = words("resource_parcel", "kind");
        assert_eq!(
            other(parcels, &|c| Use::of_parcel(c) == Use::Other),
            "四荒、未利用地、待界定"
        );
        let states = words("asset", "status");
        assert_eq!(
            other(states, &|c| Occupancy::of(c) == Occupancy::Other),
            "在建、待处置、处置"
        );
        let states = words("resource_parcel", "status");
        assert_eq!(
            other(states, &|c| Occupancy::of(c) == Occupancy::Other),
            "争议"
        );
    }

    #[test]
    fn classes_are_those_of_their_way() {
        for mode in MODES {
            for (code, _) in mode.classes {
                assert!(code.starts_with(&format!("{}-", mode.code)), "{code}");
            }
        }
        assert_eq!(Use::Other.class().0, "use-other");
        assert_eq!(Rent::None.class().0, "rent-none");
        assert_eq!(Occupancy::Other.class().0, "idle-other");
        assert_eq!(Found::None.class().0, "found-none");
        assert_eq!(Found::of(["low", "high"].into_iter()), Found::High);
        assert_eq!(Found::of([].into_iter()), Found::None);
    }
}
