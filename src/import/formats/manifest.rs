//! The note that an exported hand-in folder carries: under which key its personal identifiers were hashed. Under another
//! key the same person has another hash, so that what comes from two places can no longer be compared.

use serde::{Deserialize, Serialize};

use super::build::{Built, Extracted, Origin};
use crate::import::codes;
use crate::import::identifier::IdHasher;
use crate::import::refusal::Refusal;
use crate::import::table::{Container, Grid, Sheet};
use crate::model::Place;

/// The first member of the note; the name of its file too.
pub const KEY: &str = "账套包";

/// The note.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the hand-in folder's form.
    #[serde(rename = "账套包")]
    pub version: u32,
    /// [`IdHasher::fingerprint`].
    #[serde(rename = "标识密钥")]
    pub key: String,
}

impl Manifest {
    pub fn new(ids: &IdHasher) -> Manifest {
        Manifest {
            version: 1,
            key: ids.fingerprint(),
        }
    }
}

/// Reads a note and compares the key.
pub fn read(text: &str, origin: Origin, ids: &IdHasher) -> Result<Built, Refusal> {
    let note: Manifest = serde_json::from_str(text)
        .map_err(|e| Refusal::new(codes::MARKUP_BROKEN, format!("账套包的说明读不出来:{e}")))?;
    let sheet = Sheet {
        file: origin.file.clone(),
        sheet: None,
        container: Container::Text,
        encoding: origin.encoding,
        digest: origin.digest,
        grid: Grid::default(),
        merged: Vec::new(),
    };
    let mut built = Built {
        tables: vec![Extracted {
            sheet,
            layout: "账套包说明".to_owned(),
            explaining: 1,
            aside: Vec::new(),
        }],
        problems: Vec::new(),
    };
    if note.key != ids.fingerprint() {
        let place = Place {
            file: origin.file.to_string(),
            ..Place::default()
        };
        let message = "本包里的证件号、账号是用另一把密钥加密的,与库里同一个人的对不上";
        built
            .problems
            .push(codes::ID_KEY_OTHER.at(place, message, &note.key));
    }
    Ok(built)
}
