//! The commands of chromedriver that WebDriver does not have, and the end of a session where nothing can be awaited.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Sends a command to `127.0.0.1:port` and returns its `value`.
pub fn send(port: u16, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let body = body.to_string();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = BufReader::new(stream);
    let (mut status, mut length) = (String::new(), 0);
    answer.read_line(&mut status)?;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(bytes) = header.strip_prefix("content-length:") {
            length = bytes.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    // The driver keeps the line open, whatever it was asked.
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    let read: Value = serde_json::from_slice(&body)?;
    match status.contains(" 200 ") {
        true => Ok(read["value"].clone()),
        false => Err(std::io::Error::other(format!("{path}: {read}"))),
    }
}
