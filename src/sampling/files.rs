//! The folder of a sample: `sample.json`, which holds all that is needed to draw it again, and the working paper.

use std::fs;
use std::io::{Error, ErrorKind, Write};
use std::path::Path;

use super::SamplingError;
use super::evaluate::Examined;
use super::model::{FORMAT, Sample};
use super::working_paper;

/// The name of the file that holds the sample.
pub const SAMPLE: &str = "sample.json";

/// Writes both files into a folder that must not exist, or be empty: a filled working paper is never written over.
///
/// # Errors
/// [`SamplingError::NotEmpty`], [`SamplingError::Unwritable`].
pub fn write(folder: &Path, sample: &Sample) -> Result<(), SamplingError> {
    free(folder)?;
    fs::create_dir_all(folder).map_err(|e| unwritable(folder, e))?;
    let mut json = serde_json::to_vec_pretty(sample)
        .map_err(|e| unwritable(&folder.join(SAMPLE), Error::other(e)))?;
    json.push(b'\n');
    let paper = working_paper::render(sample)
        .map_err(|e| unwritable(&folder.join(working_paper::FILE), Error::other(e)))?;
    // The sample last: a folder with it is whole.
    create(&folder.join(working_paper::FILE), &paper)?;
    create(&folder.join(SAMPLE), &json)
}

/// Whether a sample may be written there.
///
/// # Errors
/// As [`write()`].
pub fn free(folder: &Path) -> Result<(), SamplingError> {
    match fs::read_dir(folder) {
        Ok(mut items) => match items.next() {
            Some(_) => Err(SamplingError::NotEmpty(folder.to_owned())),
            None => Ok(()),
        },
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(unwritable(folder, e)),
    }
}

fn create(path: &Path, bytes: &[u8]) -> Result<(), SamplingError> {
    let written = fs::File::create_new(path).and_then(|mut f| {
        f.write_all(bytes)?;
        f.sync_all()
    });
    written.map_err(|e| unwritable(path, e))
}

fn unwritable(path: &Path, source: Error) -> SamplingError {
    SamplingError::Unwritable {
        path: path.to_owned(),
        source,
    }
}

/// Reads `sample.json`.
///
/// # Errors
/// [`SamplingError::Unreadable`].
pub fn read(folder: &Path) -> Result<Sample, SamplingError> {
    let path = folder.join(SAMPLE);
    let bytes = bytes(&path)?;
    let sample: Sample =
        serde_json::from_slice(&bytes).map_err(|e| unreadable(&path, e.to_string()))?;
    let sound = sample
        .items
        .iter()
        .zip(1..)
        .all(|(d, n)| d.number == n && d.stratum < sample.strata.len())
        && sample.design.is_sound();
    match (sample.format == FORMAT, sound) {
        (false, _) => Err(unreadable(
            &path,
            format!("格式版本 {},本程序能读的是 {FORMAT}", sample.format),
        )),
        (_, false) => Err(unreadable(
            &path,
            "样本的序号、分层或抽样办法不成立".to_owned(),
        )),
        _ => Ok(sample),
    }
}

/// Reads the filled working paper: the folder's own, or another file.
///
/// # Errors
/// [`SamplingError::Unreadable`], and as [`working_paper::read`].
pub fn examined(
    folder: &Path,
    paper: Option<&Path>,
    sample: &Sample,
) -> Result<Vec<Examined>, SamplingError> {
    let own = folder.join(working_paper::FILE);
    working_paper::read(sample, bytes(paper.unwrap_or(&own))?)
}

fn bytes(path: &Path) -> Result<Vec<u8>, SamplingError> {
    fs::read(path).map_err(|e| unreadable(path, e.to_string()))
}

fn unreadable(path: &Path, reason: String) -> SamplingError {
    SamplingError::Unreadable {
        path: path.to_owned(),
        reason,
    }
}
