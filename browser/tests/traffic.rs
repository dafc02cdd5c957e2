//! What pages asked the network for and complained about, from the browser's own logs.

use serde_json::Value;

use crate::chrome::Chrome;

/// Requests to anywhere but `address`, and what the console says but for the browser's recommendations, since the last call.
pub fn faults(chrome: &Chrome, address: &str) -> Vec<String> {
    let requests = chrome.log("performance");
    let asked = requests.iter().filter_map(asked_for);
    let abroad = asked.filter(|url| !is_own(url, address));
    let mut faults: Vec<String> = abroad.map(|url| format!("asked for {url}")).collect();
    let console = chrome.log("browser");
    let complaints = console.iter().filter(|e| e["level"] != "DEBUG");
    faults.extend(complaints.map(|e| format!("console: {e}")));
    faults
}

/// The address of a request or a socket.
fn asked_for(entry: &Value) -> Option<String> {
    let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let (method, params) = (&message["message"]["method"], &message["message"]["params"]);
    let url = match method.as_str()? {
        "Network.requestWillBeSent" => &params["request"]["url"],
        "Network.webSocketCreated" | "Network.webTransportCreated" => &params["url"],
        _ => return None,
    };
    url.as_str().map(str::to_owned)
}

fn is_own(url: &str, address: &str) -> bool {
    let rest = url.strip_prefix(address);
    rest.is_some_and(|r| r.is_empty() || r.starts_with('/')) || url.starts_with("data:")
}
