//! Parsing of the command line, its help and its mistakes, in Chinese.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use super::Cli;

const TEMPLATE: &str = "{about-with-newline}\n用法:{usage}\n\n{all-args}{after-help}\n";

/// Help, version, or a mistake in the arguments.
#[derive(Debug)]
pub struct Stop(clap::Error);

impl Stop {
    pub fn print(&self) {
        match self.0.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = self.0.print();
            }
            _ => eprintln!(
                "用法-1001 {}。可用 sanzi --help 或 sanzi 命令 --help 查看用法",
                self.explain()
            ),
        }
    }

    pub fn exit_code(&self) -> u8 {
        match self.0.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
            _ => 2,
        }
    }

    fn explain(&self) -> String {
        let context = |kind| match self.0.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            Some(ContextValue::Strings(texts)) => texts.join("、"),
            _ => String::new(),
        };
        let (argument, value) = (
            context(ContextKind::InvalidArg),
            context(ContextKind::InvalidValue),
        );
        match self.0.kind() {
            ErrorKind::InvalidSubcommand => format!(
                "没有「{}」这个命令",
                context(ContextKind::InvalidSubcommand)
            ),
            ErrorKind::UnknownArgument => format!("没有「{argument}」这个选项"),
            ErrorKind::MissingRequiredArgument => format!("缺少 {argument}"),
            ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
            ErrorKind::InvalidValue if value.is_empty() => format!("选项 {argument} 缺少取值"),
            ErrorKind::InvalidValue => format!(
                "选项 {argument} 的取值「{value}」不对,可用:{}",
                context(ContextKind::ValidValue)
            ),
            ErrorKind::ValueValidation => {
                let reason = std::error::Error::source(&self.0)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                format!("选项 {argument} 的取值「{value}」不对:{reason}")
            }
            ErrorKind::ArgumentConflict => format!(
                "选项 {argument} 与 {} 不能同时使用",
                context(ContextKind::PriorArg)
            ),
            _ => "参数无法识别".to_owned(),
        }
    }
}

/// Parses the command line.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, Stop> {
    let command = localise(Cli::command());
    let matches = command.try_get_matches_from(args).map_err(Stop)?;
    Cli::from_arg_matches(&matches).map_err(Stop)
}

/// Chinese headings for the program and each of its commands.
fn localise(command: clap::Command) -> clap::Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|s| s.get_name().to_owned())
        .collect();
    let mut command = dress(command);
    for name in names {
        command = command.mut_subcommand(name, localise);
    }
    command
}

fn dress(command: clap::Command) -> clap::Command {
    let version = command.get_version().is_some();
    let command = command
        .help_template(TEMPLATE)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            clap::Arg::new("help")
                .long("help")
                .short('h')
                .action(clap::ArgAction::Help)
                .help("显示帮助"),
        )
        .mut_args(|arg| {
            if arg.get_help_heading().is_none() {
                arg.help_heading("选项")
            } else {
                arg
            }
        });
    if version {
        command.arg(
            clap::Arg::new("version")
                .long("version")
                .short('V')
                .action(clap::ArgAction::Version)
                .help("显示版本")
                .help_heading("选项"),
        )
    } else {
        command
    }
}
