//! The zip around a bundle: written the same way every time, and read with limits, because what is checked comes from
//! elsewhere.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::check::Problem;
use super::{EvidenceError, File};

/// Bytes that a bundle may unpack to.
pub const MOST_BYTES: u64 = 1 << 30;
/// Files that it may hold.
pub const MOST_FILES: usize = 20_000;

/// The zip of these files, in this order, with no time of day in it.
///
/// # Errors
/// [`EvidenceError::Write`].
pub fn write(files: &[File]) -> Result<Vec<u8>, EvidenceError> {
    let failed = |e: &dyn std::fmt::Display| EvidenceError::Write(e.to_string());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (path, bytes) in files {
        writer
            .start_file(path.as_str(), options)
            .map_err(|e| failed(&e))?;
        writer.write_all(bytes).map_err(|e| failed(&e))?;
    }
    Ok(writer.finish().map_err(|e| failed(&e))?.into_inner())
}

/// Every file, and what is wrong with the zip itself. Nothing is written anywhere.
pub fn read(bytes: &[u8]) -> (Vec<File>, Vec<Problem>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(e) => return (files, vec![Problem::Unreadable(e.to_string())]),
    };
    if archive.len() > MOST_FILES {
        let what = format!("有 {} 个文件,超过 {MOST_FILES} 个", archive.len());
        return (files, vec![Problem::Huge(what)]);
    }
    // The library keeps one of several entries of one name: that others are there is told by their number in the directory.
    let entries = archive.len() as u64;
    if directory_entries(bytes) != Some(entries) {
        let what = "目录与实际的文件数不符(可能有重名),或结尾之后还有内容".to_owned();
        problems.push(Problem::BadPath(what));
    }
    let (mut seen, mut left) = (BTreeSet::new(), MOST_BYTES);
    for index in 0..archive.len() {
        match entry(&mut archive, index, left) {
            Ok((path, content)) => {
                left -= content.len() as u64;
                if !is_plain(&path) {
                    problems.push(Problem::BadPath(format!("「{path}」不是包内的相对路径")));
                } else if !seen.insert(path.clone()) {
                    problems.push(Problem::BadPath(format!("「{path}」出现两次")));
                } else {
                    files.push((path, content));
                }
            }
            Err(problem) => {
                let stop = matches!(problem, Problem::Huge(_));
                problems.push(problem);
                if stop {
                    break;
                }
            }
        }
    }
    (files, problems)
}

fn entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    left: u64,
) -> Result<File, Problem> {
    let unreadable = |e: &dyn std::fmt::Display| Problem::Unreadable(e.to_string());
    let entry = archive.by_index(index).map_err(|e| unreadable(&e))?;
    let path = entry.name().map_err(|e| unreadable(&e))?.into_owned();
    let mut content = Vec::new();
    let read = entry.take(left + 1).read_to_end(&mut content);
    read.map_err(|e| Problem::Unreadable(format!("「{path}」:{e}")))?;
    if content.len() as u64 > left {
        let most = MOST_BYTES >> 20;
        return Err(Problem::Huge(format!("解压后超过 {most} MB")));
    }
    Ok((path, content))
}

/// The number of entries that the end record states (APPNOTE 4.3.16). None where something stands behind it: honest bundles have
/// neither comment nor tail, and a second end record could hide there.
fn directory_entries(bytes: &[u8]) -> Option<u64> {
    let at = memchr::memmem::rfind(bytes, b"PK\x05\x06")?;
    let stated = bytes.get(at + 10..at + 12)?;
    (at + 22 == bytes.len()).then(|| u64::from(u16::from_le_bytes([stated[0], stated[1]])))
}

/// Relative, without `.` and `..`, without drive letters and backslashes: it stays within the folder it is unpacked to.
fn is_plain(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.split('/').all(plain) && !path.contains(['\\', ':', '\0'])
}
