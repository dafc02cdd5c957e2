//! Drawing: population, design, the items chosen.

use chrono::NaiveDateTime;
use sea_orm::ConnectionTrait;

use super::SamplingError;
use super::design::{self, Wanted, reachable};
use super::model::{Design, Drawn, FORMAT, Filter, Item, Sample, Stratum};
use super::population::{self, total};
use super::{monetary_unit, strata};

/// What to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub filter: Filter,
    pub wanted: Wanted,
    pub seed: String,
    pub by: Option<String>,
    pub at: NaiveDateTime,
}

/// Draws a sample.
///
/// # Errors
/// [`SamplingError::NothingToDraw`], [`SamplingError::Design`], and what reading the book says.
pub async fn draw<C: ConnectionTrait>(
    connection: &C,
    order: Order,
) -> Result<Sample, SamplingError> {
    let book = population::read(connection, &order.filter).await?;
    let organisation = &order.filter.organisation;
    let design = design::settle(&book.items, &order.wanted, &order.seed, organisation)?;
    let (strata, items) = select(&book.items, &design, &order.seed, organisation)?;
    let population = book.mark(|i| in_reach(&design, i))?;
    Ok(Sample {
        format: FORMAT,
        program: concat!("sanzi ", env!("CARGO_PKG_VERSION")).to_owned(),
        drawn_at: order.at,
        by: order.by,
        currency_unit: "分".to_owned(),
        design,
        seed: order.seed,
        population,
        strata,
        items,
        filter: order.filter,
    })
}

/// Whether a design can draw an item at all.
pub fn in_reach(design: &Design, item: &Item) -> bool {
    !matches!(design, Design::MonetaryUnit { .. }) || reachable(item)
}

/// The strata, and the items chosen by stratum and identity.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn select(
    items: &[Item],
    design: &Design,
    seed: &str,
    organisation: &str,
) -> Result<(Vec<Stratum>, Vec<Drawn>), SamplingError> {
    match design {
        Design::MonetaryUnit { interval, start } => {
            let hits = monetary_unit::hits(items, (*interval, *start), seed, organisation)?;
            let strata = monetary_unit::strata(items, *interval, &hits)?;
            let chosen = hits.into_iter().map(|(at, hits)| {
                let stratum = usize::from(items[at].amount < *interval);
                (at, stratum, hits)
            });
            Ok((strata.into(), numbered(items, chosen.collect())))
        }
        Design::Stratified { bounds, sizes } => {
            let layers = strata::layers(items, bounds);
            let parts = strata::labels(bounds).into_iter().zip(layers);
            let parts = parts.zip(sizes).map(|((label, layer), size)| {
                let chosen = strata::random(items, layer.clone(), *size, seed, organisation);
                (label, layer, chosen)
            });
            from_parts(items, parts.collect())
        }
        Design::TopAndRandom { top, random } => {
            let (first, rest) = strata::top(items, *top, seed, organisation);
            let chosen = strata::random(items, rest.clone(), *random, seed, organisation);
            let label = format!("金额最大的 {top} 笔(全查)");
            let parts = vec![
                (label, first.clone(), first),
                ("其余".to_owned(), rest, chosen),
            ];
            from_parts(items, parts)
        }
    }
}

/// Label, all positions, chosen positions.
type Part = (String, Vec<usize>, Vec<usize>);

fn from_parts(
    items: &[Item],
    parts: Vec<Part>,
) -> Result<(Vec<Stratum>, Vec<Drawn>), SamplingError> {
    let (mut strata, mut chosen) = (Vec::new(), Vec::new());
    for (at, (label, all, drawn)) in parts.into_iter().enumerate() {
        strata.push(Stratum {
            label,
            count: all.len(),
            total: total(all.iter().map(|&i| &items[i]))?,
            sampled: drawn.len(),
        });
        chosen.extend(drawn.into_iter().map(|i| (i, at, 1)));
    }
    Ok((strata, numbered(items, chosen)))
}

/// Items are in the order of their identities, and so are their positions.
fn numbered(items: &[Item], mut chosen: Vec<(usize, usize, u64)>) -> Vec<Drawn> {
    chosen.sort_unstable_by_key(|&(at, stratum, _)| (stratum, at));
    let drawn = |(number, (at, stratum, hits)): (usize, (usize, usize, u64))| Drawn {
        number,
        stratum,
        hits,
        item: items[at].clone(),
    };
    (1..).zip(chosen).map(drawn).collect()
}
