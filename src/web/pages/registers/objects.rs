//! What contracts are about: assets and parcels by their names.

use std::collections::HashMap;

use super::{Cells, load, table};
use crate::web::fault::Fault;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Number → name, by organisation.
pub struct Objects(HashMap<(String, String), String>);

impl Objects {
    pub async fn load(
        workspace: &Workspace,
        visitor: &Visitor,
        org: &str,
    ) -> Result<Objects, Fault> {
        let mut names = HashMap::new();
        for (name, number) in [("asset", "asset_no"), ("resource_parcel", "parcel_no")] {
            let table = table(name)?;
            for stored in &load(workspace, visitor, table, org).await? {
                let cells = Cells { table, stored };
                let key = (stored.owner.to_string(), cells.text(number).to_owned());
                names.insert(key, cells.shown("name"));
            }
        }
        Ok(Objects(names))
    }

    /// Number and name.
    pub fn shown(&self, owner: &str, number: &str) -> String {
        match self.0.get(&(owner.to_owned(), number.to_owned())) {
            Some(name) => format!("{number} {name}"),
            None => number.to_owned(),
        }
    }
}
