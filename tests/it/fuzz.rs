//! The fuzz targets without a fuzzer: each over its committed seeds and over mutations of them, the same in every run. What a
//! fuzzer finds goes into `fuzz/seeds`, and is tried here from then on. `scripts/fuzz` searches for more.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sanzi::pack::Pack;

#[path = "../../fuzz/targets.rs"]
mod targets;

/// No input may take longer.
const HANG: Duration = Duration::from_secs(10);

/// A sequence of numbers that looks like chance (xorshift64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

fn seeds(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(folder);
    let files = fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// One to four changes: bits turned, a stretch cut out, doubled, zeroed or put in from another seed, a word of the kind put in.
fn mutated(seed: &[u8], other: &[u8], draw: &mut Draw) -> Vec<u8> {
    const WORDS: [&[u8]; 10] = [
        b"\"",
        b"\r",
        b"\0",
        b",",
        b"\t",
        b"<",
        b"&l;",
        b"\xff\xff\xff\xff",
        b"{",
        b"999999999999999999999.99",
    ];
    let mut out = seed.to_vec();
    for _ in 0..=draw.below(4) {
        let at = draw.below(out.len());
        let end = (at + 1 + draw.below(64)).min(out.len());
        match draw.below(6) {
            0 if !out.is_empty() => out[at] ^= 1 << draw.below(8),
            1 => drop(out.drain(at.min(end)..end)),
            2 => out.extend_from_within(at.min(end)..end),
            3 if at < end => out[at..end].fill(0),
            4 => {
                let from = draw.below(other.len());
                let part = &other[from..(from + 64).min(other.len())];
                out.splice(at..at, part.iter().copied());
            }
            _ => {
                let word = WORDS[draw.below(WORDS.len())];
                out.splice(at..at, word.iter().copied());
            }
        }
    }
    out
}

/// Runs a target over all seeds of the folders and over `count` mutations of each.
fn smoke(folders: &[&str], count: usize, target: impl Fn(&[u8])) {
    let seeds: Vec<Vec<u8>> = folders.iter().flat_map(|f| seeds(f)).collect();
    let mut draw = Draw(0x005a_17e5);
    for seed in &seeds {
        for n in 0..=count {
            let other = &seeds[draw.below(seeds.len())];
            let input = match n {
                0 => seed.clone(),
                _ => mutated(seed, other, &mut draw),
            };
            let begun = Instant::now();
            target(&input);
            assert!(
                begun.elapsed() < HANG,
                "{}",
                String::from_utf8_lossy(&input)
            );
        }
    }
}

fn as_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn readers_stand_their_seeds_and_mutations_of_them() {
    smoke(&["csv"], 300, |bytes| targets::csv(&as_text(bytes)));
    smoke(&["encoding"], 300, targets::encoding);
    smoke(&["html"], 300, |bytes| targets::html(&as_text(bytes)));
    smoke(&["xls"], 60, targets::xls);
    smoke(&["xlsx"], 60, targets::xlsx);
}

#[test]
fn whole_hand_ins_account_for_every_row_of_mutations() {
    let (folder, rules) = (tempfile::tempdir().unwrap(), Pack::embedded());
    let kinds = ["csv", "encoding", "html", "xls", "xlsx", "interfaces"];
    smoke(&kinds, 4, |bytes| {
        targets::hand_in(bytes, folder.path(), &rules)
    });
}
