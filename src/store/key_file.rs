//! Secrets of the user's own, in files outside the database: made at first use, readable by their owner only.

use std::fs;
use std::io::{ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};

use crate::model::hex;

/// Where a secret of this name lies: in the user's configuration folder.
pub fn path(name: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    std::env::var_os("XDG_CONFIG_HOME")
        .map_or_else(|| home.join(".config"), PathBuf::from)
        .join("sanzi")
        .join(name)
}

/// The content of a key file; one that is not there is made, with 32 random bytes as hex.
///
/// # Errors
/// What the system says.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            make(path)?;
            // Read back what won, in case two programs started at once.
            fs::read(path)
        }
        read => read,
    }
}

fn make(path: &Path) -> Result<()> {
    let mut secret = [0u8; 32];
    let unlucky = |_| std::io::Error::other("no random numbers");
    SystemRandom::new().fill(&mut secret).map_err(unlucky)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => file
            .write_all(hex(&secret).as_bytes())
            .and_then(|()| file.sync_all()),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
    }
}
