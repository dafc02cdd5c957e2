//! A browser of its own for a test: chromedriver on a free port, one session, gone with the guard.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::rest;

/// Width and height in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u32, pub u32);

/// The machine in the office.
pub const OFFICE: Size = Size(1366, 768);
/// The telephone in the field.
pub const PHONE: Size = Size(390, 844);

/// See the module.
pub struct Chrome {
    pub client: Client,
    driver: Child,
    _printed: BufReader<ChildStdout>,
    port: u16,
    session: String,
    folder: tempfile::TempDir,
}

impl Chrome {
    pub async fn start() -> Chrome {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        // Its profile goes with the folder.
        command.arg("--port=0").env("TMPDIR", folder.path());
        let spawned = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = spawned.expect("chromedriver: apt-get install chromium chromium-driver");
        let mut printed = BufReader::new(driver.stdout.take().unwrap());
        let port = port(&mut printed);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let wanted = capabilities(folder.path());
        builder.capabilities(wanted.as_object().unwrap().clone());
        let client = builder.connect(&format!("http://127.0.0.1:{port}")).await;
        let client = client.unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        let chrome = Chrome {
            client,
            driver,
            _printed: printed,
            port,
            session,
            folder,
        };
        chrome.resize(OFFICE);
        chrome
    }

    fn send(&self, path: &str, body: &Value) -> Value {
        let path = format!("/session/{}/{path}", self.session);
        rest::send(self.port, "POST", &path, body).unwrap()
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, command: &str, params: Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        self.send("goog/cdp/execute", &body)
    }

    /// The entries of a log since it was last asked for: `performance` or `browser`.
    pub fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.send("se/log", &json!({ "type": kind }));
        entries.as_array().cloned().unwrap_or_default()
    }

    pub fn resize(&self, size: Size) {
        let phone = size == PHONE;
        let metrics =
            json!({ "width": size.0, "height": size.1, "deviceScaleFactor": 1, "mobile": phone });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// The page, all of it, as a PNG in base64.
    pub fn picture(&self, size: Size, height: u64) -> String {
        let clip = json!({ "x": 0, "y": 0, "width": size.0, "height": height, "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.devtools("Page.captureScreenshot", wanted);
        taken["data"].as_str().unwrap().to_owned()
    }

    /// Where files are downloaded to.
    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }
}

fn capabilities(folder: &Path) -> Value {
    let arguments = [
        "--headless=new",
        // Chromium refuses its sandbox to root, as whom CI runs.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--lang=zh-CN",
        // Ends when chromedriver ends, however that ends.
        "--remote-debugging-pipe",
        // Whatever a page asks for elsewhere, nothing leaves this machine.
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ];
    let downloads = folder.join("downloads");
    std::fs::create_dir(&downloads).unwrap();
    json!({
        "goog:chromeOptions": {
            "args": arguments,
            "prefs": { "download.default_directory": downloads, "download.prompt_for_download": false },
        },
        "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
    })
}

/// The port of `ChromeDriver was started successfully on port 40123.`
fn port(printed: &mut impl BufRead) -> u16 {
    loop {
        let mut line = String::new();
        let read = printed.read_line(&mut line).unwrap();
        assert!(read > 0, "chromedriver ended before it said its port");
        if let Some((_, rest)) = line.split_once("successfully on port ") {
            return rest.trim().trim_end_matches('.').parse().unwrap();
        }
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        let _ = rest::send(self.port, "DELETE", &path, &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
