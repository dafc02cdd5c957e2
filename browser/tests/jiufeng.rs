//! Hand-ins made from `fixtures/jiufeng`: a company's files, and what its accountant got wrong in them.

use std::path::{Path, PathBuf};

use crate::server::sources;

/// The files of a company, copied below `folder`, in order.
pub fn hand_in(company: &str, folder: &Path) -> Vec<PathBuf> {
    let to = folder.join(company);
    std::fs::create_dir_all(&to).unwrap();
    let files = std::fs::read_dir(sources().join("fixtures/jiufeng").join(company));
    let copied = files.unwrap().flatten().map(|file| {
        let copy = to.join(file.file_name());
        std::fs::copy(file.path(), &copy).unwrap();
        copy
    });
    let mut copied: Vec<PathBuf> = copied.collect();
    copied.sort();
    copied
}

/// Changes a text in the line of a CSV file in UTF-8 that begins with `line`.
pub fn edit(file: &Path, line: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text
        .split_inclusive('\n')
        .map(|l| match l.starts_with(line) {
            true if l.contains(from) => l.replacen(from, to, 1),
            true => panic!("no {from} in {l}"),
            false => l.to_owned(),
        });
    let changed: String = lines.collect();
    assert_ne!(changed, text, "{line}");
    std::fs::write(file, changed).unwrap();
}
