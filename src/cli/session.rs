//! What most commands need: the store, the key for identifiers, the rule pack.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::output::Failure;
use crate::audit::overlay;
use crate::audit::rule::RulePack;
use crate::import::IdHasher;
use crate::import::profile::Profile;
use crate::pack::Pack;
use crate::store::{Store, identity};

/// Opens the store and checks that it was made with this user's key.
pub async fn open_store(url: &str) -> Result<(Store, IdHasher), Failure> {
    let key = identity::load_key()?;
    let store = Store::open(url).await?;
    identity::check_key(&store, &key).await?;
    Ok((store, IdHasher::new(&key)))
}

/// The hasher of personal identifiers with this user's key.
pub fn id_hasher() -> Result<IdHasher, Failure> {
    Ok(IdHasher::new(&identity::load_key()?))
}

/// The rule pack: the one compiled in, or the folder named by `--rules`.
pub fn pack(rules: &Option<PathBuf>) -> Result<Pack, Failure> {
    match rules {
        None => Ok(Pack::embedded()),
        Some(folder) => Pack::from_dir(folder).map_err(|e| Failure::Input(e.to_string())),
    }
}

/// The rules of a pack, as the street wants them.
pub fn rule_pack(pack: &Pack, overlay: &Option<PathBuf>) -> Result<RulePack, Failure> {
    let rules = RulePack::load(pack);
    match overlay {
        // A faulty pack is said first: against it nothing can be held.
        Some(folder) if rules.faults.is_empty() => {
            overlay::apply(rules, folder).map_err(|e| Failure::Input(e.to_string()))
        }
        _ => Ok(rules),
    }
}

/// The arguments with which another `sanzi` finds the same rules.
pub fn rules_arguments(rules: &Option<PathBuf>, overlay: &Option<PathBuf>) -> Vec<OsString> {
    let named = [("--rules", rules), ("--overlay", overlay)];
    let named = named
        .into_iter()
        .filter_map(|(name, path)| path.as_ref().map(|p| (name, p)));
    named
        .flat_map(|(name, path)| [name.into(), path.into()])
        .collect()
}

/// The pack with layout profiles of the user's own.
pub fn with_profiles(pack: &Pack, files: &[PathBuf]) -> Result<Pack, Failure> {
    let mut pack = pack.clone();
    for file in files {
        let text = profile_text(file)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        pack = pack.with(&format!("profiles/{name}.toml"), text);
    }
    Ok(pack)
}

/// The text of a layout profile that is sound.
pub fn profile_text(file: &Path) -> Result<String, Failure> {
    let bad = |reason: String| {
        let file = file.display();
        Failure::Input(format!(
            "用法-1006 格式文件「{file}」用不了:{}。可用 sanzi profile check 检查",
            reason.trim()
        ))
    };
    let text = std::fs::read_to_string(file).map_err(|e| bad(e.to_string()))?;
    Profile::parse(&text).map_err(bad)?;
    Ok(text)
}

/// The wall clock, for stamps in the store and on covers; never part of a digest.
pub fn now() -> chrono::NaiveDateTime {
    use chrono::Timelike;
    let now = chrono::Local::now().naive_local();
    now.with_nanosecond(0).unwrap_or(now)
}
