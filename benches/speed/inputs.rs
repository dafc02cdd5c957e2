//! A generated street on disk, the book of its first company in two layouts, and stores to write into.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sanzi::generate::{GenerateOptions, generate};
use sanzi::import::handin::HandIn;
use sanzi::import::{self, IdHasher, Known, ReadOptions};
use sanzi::pack::Pack;
use sanzi::store::Store;
use tempfile::TempDir;

/// Code of the company of the single books.
const ORGANISATION: &str = "V01";

pub struct Inputs {
    folder: TempDir,
    pack: Pack,
    ids: IdHasher,
    stores: AtomicU32,
    lines: u64,
}

impl Inputs {
    /// A street of four companies with `postings` entries, and a book of as many.
    pub fn new(postings: u64) -> Inputs {
        let folder = TempDir::new().expect("a temporary folder");
        write(folder.path(), "street", 4, postings);
        write(folder.path(), "single", 1, postings);
        let single = folder.path().join("single");
        let company = companies(&single).next().expect("a company");
        let neutral = book_only(&company, &folder.path().join("neutral"));
        let lines = to_u8(&neutral, &folder.path().join("u8"));
        Inputs {
            folder,
            pack: Pack::embedded(),
            ids: IdHasher::new(b"bench"),
            stores: AtomicU32::new(0),
            lines,
        }
    }

    /// Entries of the single book.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    pub fn street(&self) -> PathBuf {
        self.folder.path().join("street")
    }

    pub fn neutral(&self) -> PathBuf {
        self.folder.path().join("neutral")
    }

    pub fn u8(&self) -> PathBuf {
        self.folder.path().join("u8")
    }

    pub fn read(&self, path: &Path) -> HandIn {
        let single = path != self.street();
        let options = ReadOptions {
            org: single.then(|| ORGANISATION.to_owned()),
            rules: &self.pack,
            ids: &self.ids,
            known: Known::default(),
            progress: None,
        };
        import::read(path, &options).expect("a hand-in")
    }

    /// A new, empty SQLite file.
    pub async fn store(&self) -> Store {
        let number = self.stores.fetch_add(1, Ordering::Relaxed);
        let file = self.folder.path().join(format!("{number}.db"));
        Store::open(&format!("sqlite://{}", file.display()))
            .await
            .expect("a store")
    }
}

fn write(folder: &Path, name: &str, companies: u32, postings: u64) {
    let options = GenerateOptions {
        companies,
        postings,
        months: 24,
        seed: 1,
        inject_ppm: 0,
        out: folder.join(name),
    };
    generate(&options, &|_, _| {}).expect("a street");
}

fn companies(street: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(street).expect("a folder").flatten();
    entries.map(|e| e.path()).filter(|p| p.is_dir())
}

/// The files of a book alone, without registers.
fn book_only(company: &Path, to: &Path) -> PathBuf {
    fs::create_dir(to).expect("a folder");
    for name in ["凭证.csv", "科目.csv", "期初余额.csv"] {
        if company.join(name).exists() {
            fs::copy(company.join(name), to.join(name)).expect("a copy");
        }
    }
    to.to_owned()
}

/// The same vouchers as U8 exports them: GBK, the head on every line, one amount and its side. Returns the entries.
fn to_u8(neutral: &Path, to: &Path) -> u64 {
    fs::create_dir(to).expect("a folder");
    for name in ["科目.csv", "期初余额.csv"] {
        if neutral.join(name).exists() {
            fs::copy(neutral.join(name), to.join(name)).expect("a copy");
        }
    }
    let text = fs::read_to_string(neutral.join("凭证.csv")).expect("a journal");
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = rows.headers().expect("a header").clone();
    let at = |name: &str| headers.iter().position(|h| h == name);
    let columns = [
        "日期",
        "凭证字",
        "凭证号",
        "摘要",
        "科目编码",
        "借方金额",
        "贷方金额",
        "往来单位",
    ]
    .map(at);
    let mut out = String::from("日期,凭证号数,摘要,科目编码,科目名称,方向,金额,往来单位\n");
    let (mut head, mut lines) = (String::new(), 0);
    for row in rows.records() {
        let row = row.expect("a row");
        let [date, word, number, summary, account, debit, credit, party] =
            columns.map(|c| c.and_then(|c| row.get(c)).unwrap_or(""));
        if !date.is_empty() {
            head = format!("{date},{word}-{number}");
        }
        let (side, amount) = if debit.is_empty() {
            ("贷", credit)
        } else {
            ("借", debit)
        };
        out.push_str(&format!(
            "{head},{summary},{account},,{side},{amount},{party}\n"
        ));
        lines += 1;
    }
    let (bytes, _, _) = encoding_rs::GB18030.encode(&out);
    fs::write(to.join("序时账.csv"), &*bytes).expect("a file");
    lines
}
