//! An item as an evidence bundle: nothing in it is masked, so that it is taken like a look behind the mask, with a reason and in
//! the log.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::items::{actor, desk};
use crate::access::reveal;
use crate::evidence;
use crate::evidence::key::Signer;
use crate::review::dossier::Dossier;
use crate::web::fault::Fault;
use crate::web::paging::encoded;
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

pub async fn download(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let (store, pack) = (&workspace.store, &workspace.pack);
    let dossier = Dossier::read(store.db(), &desk.workflow, &actor, &number).await?;
    let item = &dossier.item;
    let object = format!("{} 证据包", item.number);
    let reason = fields.get("reason");
    reveal::reveal(
        store,
        visitor.login(),
        &item.organisation,
        &object,
        reason,
        now(),
    )
    .await?;
    let items = std::slice::from_ref(&item.number);
    let signer = Signer::load()?;
    let (bytes, _) = evidence::make(store, &desk, pack, &actor, items, &signer, now()).await?;
    let name = encoded(&format!("证据包-{}.zip", item.number));
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename*=UTF-8''{name}"),
        ),
    ];
    Ok((headers, bytes).into_response())
}
