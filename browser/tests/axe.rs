//! Accessibility: axe-core, put into the page by the driver, which the page's own policy does not bind.

use fantoccini::Client;
use serde_json::Value;

const AXE: &str = include_str!("../axe/axe.min.js");

/// Runs axe where the page does not have it yet; nothing is fetched and no fault is listed that is none.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] })
        .then((result) => done(result.violations), (error) => done([{ id: String(error), nodes: [] }]));
";

/// What axe finds on the page as it is now: rule, gravity, and the first places.
pub async fn faults(client: &Client) -> Vec<String> {
    client.execute(AXE, Vec::new()).await.unwrap();
    let found = client.execute_async(RUN, Vec::new()).await.unwrap();
    let found = found.as_array().cloned().unwrap_or_default();
    found.iter().map(line).collect()
}

fn line(fault: &Value) -> String {
    let nodes = fault["nodes"].as_array().cloned().unwrap_or_default();
    let places: Vec<&str> = nodes
        .iter()
        .take(3)
        .filter_map(|n| n["html"].as_str())
        .collect();
    format!(
        "axe {} ({}): {} in {} places: {}",
        fault["id"].as_str().unwrap_or_default(),
        fault["impact"].as_str().unwrap_or_default(),
        fault["help"].as_str().unwrap_or_default(),
        nodes.len(),
        places.join(" | "),
    )
}
