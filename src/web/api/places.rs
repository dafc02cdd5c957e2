//! Shops, buildings and parcels as GeoJSON: what the map draws.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Ask, Problem};
use crate::model::Money;
use crate::web::fault::Fault;
use crate::web::pages::map::{self, Occupancy, Place, Sums};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Which places.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    #[serde(default)]
    #[param(required = false)]
    org: String,
    /// `arrears`, `idle`, `found`, `unplaced`; all when left out.
    #[serde(default)]
    #[param(required = false)]
    show: String,
}

/// A contract on a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnPlace {
    number: String,
    /// The page of the contract.
    path: String,
    /// Masked where it is a person.
    party: String,
    state: String,
    start: Option<String>,
    end: Option<String>,
    /// 元; null: it brings no rent.
    arrears: Option<String>,
}

/// An open item about a place or a contract on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct About {
    number: String,
    title: String,
    /// `high`, `medium`, `low`.
    severity: String,
    state: String,
    path: String,
}

/// What is known of a place.
#[derive(Debug, Serialize, ToSchema)]
pub struct Properties {
    id: String,
    organisation: String,
    organisation_name: String,
    /// `assets`, `resources`.
    register: String,
    number: String,
    name: String,
    kind: String,
    purpose: String,
    area: String,
    location: String,
    state: String,
    idle: bool,
    idle_since: Option<String>,
    /// 元; null: no contract on it brings rent.
    arrears: Option<String>,
    /// Code of its class in each of the ways to colour the map: use, rent, idle, found.
    classes: [&'static str; 4],
    /// Its row in the register.
    path: String,
    contracts: Vec<OnPlace>,
    items: Vec<About>,
}

/// RFC 7946; places that nobody has located have no geometry.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feature {
    r#type: &'static str,
    #[schema(value_type = Option<Object>)]
    geometry: Option<serde_json::Value>,
    properties: Properties,
}

/// RFC 7946, with two members of our own.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeatureCollection {
    r#type: &'static str,
    features: Vec<Feature>,
    /// 元 owed on all places and strays within reach, whatever was asked for.
    arrears: String,
    /// 元 owed on contracts about something that no register of places has.
    stray_arrears: String,
}

fn feature(place: &Place) -> Feature {
    let contracts = place.contracts.iter().map(|c| OnPlace {
        number: c.number.clone(),
        path: c.path.clone(),
        party: c.party.clone(),
        state: c.state.clone(),
        start: c.start.map(|d| d.to_string()),
        end: c.end.map(|d| d.to_string()),
        arrears: c.owed.map(|o| o.0.to_string()),
    });
    let items = place.open.iter().map(|o| About {
        number: o.number.clone(),
        title: o.title.clone(),
        severity: o.severity.clone(),
        state: o.state.clone(),
        path: o.path(),
    });
    Feature {
        r#type: "Feature",
        geometry: place.geometry.as_ref().map(|g| g.json()),
        properties: Properties {
            id: place.id(),
            organisation: place.owner.clone(),
            organisation_name: place.owner_name.clone(),
            register: place.register.to_owned(),
            number: place.number.clone(),
            name: place.name.clone(),
            kind: place.kind.clone(),
            purpose: place.purpose.clone(),
            area: place.area.clone(),
            location: place.location.clone(),
            state: place.state.clone(),
            idle: place.idle == Occupancy::Idle,
            idle_since: place.idle_since.map(|d| d.to_string()),
            arrears: place.unpaid().map(|m: Money| m.to_string()),
            classes: place.classes().map(|(code, _)| code),
            path: place.path(),
            contracts: contracts.collect(),
            items: items.collect(),
        },
    }
}

/// Shops, buildings and parcels with their contracts, arrears and open items, as far as the caller may see them.
#[utoipa::path(get, path = "/api/v1/places", params(PlaceQuery), responses(
    (status = 200, body = FeatureCollection, content_type = "application/geo+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Ask(asked): Ask<PlaceQuery>,
) -> Result<Response, Fault> {
    let asked = map::Asked {
        org: asked.org,
        show: asked.show,
        page: None,
    };
    let places = map::places(&workspace, &visitor, &asked.org).await?;
    let sums = Sums::of(&places);
    let chosen = asked.chosen(places)?;
    let body = FeatureCollection {
        r#type: "FeatureCollection",
        features: chosen.iter().map(feature).collect(),
        arrears: sums.total().to_string(),
        stray_arrears: sums.stray.to_string(),
    };
    let text = serde_json::to_string(&body).map_err(|e| Fault::internal(&e.to_string()))?;
    let kind = [(header::CONTENT_TYPE, "application/geo+json")];
    Ok((kind, text).into_response())
}
