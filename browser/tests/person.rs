//! Somebody at the browser, who knows a page by what it says: links and buttons by their words, fields by their labels.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::{Value, json};

use crate::chrome::{Chrome, OFFICE, PHONE, Size};
use crate::server::Server;
use crate::{axe, traffic};

/// How long a page may take; the program is built without optimisation and shares its cores.
const PATIENCE: Duration = Duration::from_secs(180);

/// The password of the demo's users.
pub const DEMO_PASSWORD: &str = "三资演示口令2025";

/// See the module.
pub struct Person<'a> {
    pub chrome: Chrome,
    pub server: &'a Server,
    /// Where the screenshots go.
    screens: PathBuf,
    pictures: u32,
    /// What was wrong with pages that were looked at; told all at once in the end.
    faults: Vec<String>,
}

impl Drop for Person<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.faults.is_empty(), "\n{}", self.faults.join("\n"));
        }
    }
}

impl Person<'_> {
    pub async fn new(server: &Server) -> Person<'_> {
        Person {
            chrome: Chrome::start().await,
            server,
            screens: PathBuf::new(),
            pictures: 0,
            faults: Vec::new(),
        }
    }

    /// What was wrong with the pages so far, which is then forgotten.
    pub fn told(&mut self) -> String {
        std::mem::take(&mut self.faults).join("\n")
    }

    /// Begins a story, which names the folder of its screenshots.
    pub fn begin(&mut self, story: &str) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        self.screens = target.join("screens").join(story);
        self.pictures = 0;
        let _ = std::fs::remove_dir_all(&self.screens);
        std::fs::create_dir_all(&self.screens).unwrap();
    }

    pub async fn goto(&self, path: &str) {
        let address = format!("{}{path}", self.server.address);
        self.chrome.client.goto(&address).await.unwrap();
    }

    /// Asks for what this person may not have; the browser's complaint about the answer is no fault of the page.
    pub async fn is_refused(&self, path: &str, code: &str) {
        self.goto(path).await;
        self.sees(code).await;
        self.chrome.log("browser");
    }

    /// The path that the browser shows.
    pub async fn path(&self) -> String {
        let url = self.chrome.client.current_url().await.unwrap();
        url.path().to_owned()
    }

    pub async fn script(&self, script: &str, with: Vec<Value>) -> Value {
        self.chrome.client.execute(script, with).await.unwrap()
    }

    /// Logs in, whoever was here before.
    pub async fn log_in(&self, login: &str, password: &str) {
        self.chrome.client.delete_all_cookies().await.unwrap();
        self.goto("/login").await;
        self.fill("登录名", login).await;
        self.fill("口令", password).await;
        self.press("登录").await;
    }

    /// Logs in as the demo's user of a role: its code, like `street-supervisor`.
    pub async fn log_in_as(&self, login: &str) {
        self.log_in(login, DEMO_PASSWORD).await;
        self.sees("退出").await;
    }

    /// The first thing on the page that an XPath names and that is shown.
    async fn find(&self, path: &str) -> Element {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let all = self.chrome.client.find_all(Locator::XPath(path)).await;
            for element in all.unwrap_or_default() {
                if element.is_displayed().await.unwrap_or(false) {
                    return element;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("not found: {path}\n{}", self.text().await);
    }

    async fn click(&self, path: &str) {
        self.find(path).await.click().await.unwrap();
    }

    /// Opens an entry of the directory on the left.
    pub async fn open(&self, entry: &str) {
        // The number of what waits stands beside the entry's own text.
        let directory = "//nav[@aria-label='目录']/a";
        self.click(&format!("{directory}[normalize-space(text())='{entry}']"))
            .await;
        // The page may have a title of its own: somebody with one book comes to its vouchers.
        self.find(&format!(
            "{directory}[@aria-current][normalize-space(text())='{entry}']"
        ))
        .await;
    }

    /// Follows the first link in the page's body that begins with these words.
    pub async fn follow(&self, words: &str) {
        let path = format!("//main//a[starts-with(normalize-space(), '{words}')]");
        self.click(&path).await;
    }

    /// Presses a button; a form that the browser would hold back is told.
    pub async fn press(&self, words: &str) {
        let button = format!("//button[normalize-space()='{words}']");
        let button = self.find(&button).await;
        let wrong = "return Array.from(arguments[0].form?.querySelectorAll(':invalid') ?? [], (e) => e.name + ': ' + e.validationMessage)";
        let element = serde_json::to_value(&button).unwrap();
        let wrong = self.script(wrong, vec![element]).await;
        assert_eq!(wrong, json!([]), "{words}");
        button.click().await.unwrap();
    }

    /// Unfolds what is folded under these words.
    pub async fn unfold(&self, words: &str) {
        self.click(&format!("//summary[normalize-space()='{words}']"))
            .await;
    }

    /// The control under a label that begins with these words.
    async fn control(&self, label: &str, kind: &str) -> Element {
        let path = format!("//label[starts-with(normalize-space(), '{label}')]//{kind}");
        self.find(&path).await
    }

    pub async fn fill(&self, label: &str, value: &str) {
        let field = self
            .control(label, "*[self::input or self::textarea]")
            .await;
        field.clear().await.unwrap();
        if !value.is_empty() {
            field.send_keys(value).await.unwrap();
        }
    }

    /// Puts a day into a field for dates; what is typed there depends on the machine's language.
    pub async fn date(&self, label: &str, day: &str) {
        let field = self.control(label, "input").await;
        let set = "arguments[0].value = arguments[1]";
        let field = serde_json::to_value(&field).unwrap();
        self.script(set, vec![field, json!(day)]).await;
    }

    pub async fn choose(&self, label: &str, option: &str) {
        let path = format!("option[normalize-space()='{option}']");
        self.control(label, &path).await.click().await.unwrap();
    }

    /// Chooses files for a field.
    pub async fn attach(&self, label: &str, files: &[PathBuf]) {
        let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        let field = self.control(label, "input[@type='file']").await;
        field.send_keys(&names.join("\n")).await.unwrap();
    }

    /// What a person reads on the page.
    pub async fn text(&self) -> String {
        let read = "return document.body ? document.body.innerText : ''";
        let text = self.chrome.client.execute(read, Vec::new()).await;
        let text = text.ok().and_then(|t| t.as_str().map(str::to_owned));
        text.unwrap_or_default()
    }

    /// Waits until the page says this.
    pub async fn sees(&self, words: &str) {
        self.sees_within(words, PATIENCE).await;
    }

    pub async fn sees_within(&self, words: &str, patience: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if self.text().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("「{words}」 is not on the page:\n{}", self.text().await);
    }

    pub async fn sees_title(&self, title: &str) {
        let path = format!("//h1[normalize-space()='{title}']");
        self.find(&path).await;
    }

    /// Waits until an item's page shows this state.
    pub async fn sees_state(&self, state: &str) {
        let path = format!("//*[@class='panel']/h2[1][normalize-space()='{state}']");
        self.find(&path).await;
    }

    /// Asserts that the page, which is there already, does not say this.
    pub async fn sees_no(&self, words: &str) {
        let text = self.text().await;
        assert!(!text.contains(words), "「{words}」 is on the page:\n{text}");
    }

    /// Waits for a file to be downloaded whole.
    pub async fn downloaded(&self, ending: &str) -> PathBuf {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let files = std::fs::read_dir(self.chrome.downloads()).unwrap();
            let mut files = files.flatten().map(|f| f.path());
            let whole = |p: &PathBuf| p.to_string_lossy().ends_with(ending);
            if let Some(file) = files.find(whole) {
                return file;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no {ending} was downloaded:\n{}", self.text().await);
    }

    /// Looks at a page as it is now: pictures in the office and on the telephone, where it must not be wider than the screen;
    /// accessible; in Chinese; nothing asked for elsewhere, nothing in the console.
    pub async fn look(&mut self, name: &str) {
        let mut faults = traffic::faults(&self.chrome, &self.server.address);
        faults.extend(axe::faults(&self.chrome.client).await);
        faults.extend(self.foreign_words().await);
        self.pictures += 1;
        let place = format!("{:02}-{name}", self.pictures);
        for (size, ending) in [(PHONE, "phone"), (OFFICE, "office")] {
            self.chrome.resize(size);
            let (width, height) = self.extent().await;
            if width > u64::from(size.0) {
                faults.push(format!("{width} pixels wide on a screen of {}", size.0));
            }
            let file = self.screens.join(format!("{place}-{ending}.png"));
            self.keep_picture(size, height, &file);
        }
        let path = self.path().await;
        for fault in faults {
            println!("{place} {path}: {fault}");
            self.faults.push(format!("{place} {path}: {fault}"));
        }
    }

    async fn extent(&self) -> (u64, u64) {
        let read = "const e = document.documentElement; return [e.scrollWidth, e.scrollHeight]";
        let read = self.script(read, Vec::new()).await;
        (read[0].as_u64().unwrap(), read[1].as_u64().unwrap())
    }

    fn keep_picture(&self, size: Size, height: u64, file: &Path) {
        // A list of hundreds of rows shows nothing new further down.
        let height = height.clamp(u64::from(size.1), 3000);
        let picture = self.chrome.picture(size, height);
        std::fs::write(file, STANDARD.decode(picture).unwrap()).unwrap();
    }

    /// Words in Latin letters that a user reads, other than names of things.
    async fn foreign_words(&self) -> Vec<String> {
        let found = self
            .script(FOREIGN, vec![json!(NAMES), json!(LOGINS)])
            .await;
        let words = found.as_array().cloned().unwrap_or_default();
        let words = words.iter().filter_map(|w| w.as_str());
        words.map(|w| format!("in English: {w}")).collect()
    }
}

/// Names of formats and encodings, and of the folder that the demo is read from.
const NAMES: [&str; 10] = [
    "csv", "docx", "excel", "xlsx", "pdf", "txt", "utf", "bom", "jiufeng", "word",
];

/// Names that the people of these tests log in with.
const LOGINS: [&str; 10] = [
    "administrator",
    "company-accountant",
    "company-officer",
    "street-supervisor",
    "street-reviewer",
    "inspector",
    "rule-manager",
    "read-only",
    "xitong",
    "zhaomou",
];

/// Words of three or more Latin letters in text that shows; codes, numbers and digests stand in a face of their own.
const FOREIGN: &str = "
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = new Set();
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (parent.closest('code, .mono, .hash, script, noscript, textarea') || !parent.checkVisibility()) continue;
        let text = walker.currentNode.textContent.trim();
        for (const login of arguments[1]) text = text.replaceAll(login, '');
        for (const [word] of text.matchAll(/[A-Za-z]{3,}/g)) {
            if (!arguments[0].includes(word.toLowerCase())) found.add(word + ' in 「' + text + '」');
        }
    }
    return [...found];
";
