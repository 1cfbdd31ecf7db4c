//! `cargo bench --bench fuzz -- TARGET RUNS [SEED]`: gives a parser inputs that are damaged at
//! random, and stops at the first that makes it panic. `all` is every target after another.
//!
//! The same seed gives the same inputs. An input that a parser answers in a way that none before it
//! was answered joins those that are damaged further, so that damage goes deeper than the first
//! check. libFuzzer would choose better; it needs a nightly compiler and another build of
//! everything, where this runs wherever the service is built.

mod corpus;
mod damage;
mod targets;

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use damage::Damage;
use targets::Target;

/// What a step gives, or why it cannot go on: a command has no caller to answer but a person.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// How many inputs are damaged further at most: what comes later is seldom new.
const KEPT_MAX: usize = 4_096;

/// The longest that a parser may take for one input on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often is told how far it is.
const TOLD_EVERY: u64 = 1_000_000;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (name, runs, seed) = match *arguments.as_slice() {
        [name, runs] => (name, runs.parse()?, 1),
        [name, runs, seed] => (name, runs.parse()?, seed.parse()?),
        _ => {
            println!("TARGET RUNS [SEED], where TARGET is all or one of:");
            Target::ALL
                .iter()
                .for_each(|target| println!("  {}", target.name()));
            return Ok(());
        }
    };
    let mut found = Target::ALL
        .into_iter()
        .filter(|target| name == "all" || name == target.name())
        .peekable();
    if found.peek().is_none() {
        return Err(format!("{name} is no target").into());
    }
    found.try_for_each(|target| fuzz(target, runs, seed))
}

/// Runs a target so many times.
fn fuzz(target: Target, runs: u64, seed: u64) -> Outcome<()> {
    let parse = target.prepare()?;
    let mut damage = Damage::of(seed);
    let mut kept = target.corpus();
    let mut answers = HashSet::new();
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    for run in 1..=runs {
        let input = damage.damaged(&kept);
        let run_began = Instant::now();
        let answer = catch_unwind(|| parse(&input));
        slowest = slowest.max(run_began.elapsed());
        let Ok(answer) = answer else {
            return Err(keep(target, &input, &format!("panics in run {run}")));
        };
        if slowest > PATIENCE {
            return Err(keep(target, &input, &format!("takes {slowest:?}")));
        }
        if answers.insert(answer) && kept.len() < KEPT_MAX {
            kept.push(input);
        }
        if run % TOLD_EVERY == 0 || run == runs {
            println!(
                "{}: {run} runs of seed {seed} without a panic in {:.0?}; {} kinds of answer; the \
                 slowest took {slowest:.0?}",
                target.name(),
                began.elapsed(),
                answers.len(),
            );
        }
    }
    Ok(())
}

/// Keeps an input that must not have been answered so, and says where.
fn keep(target: Target, input: &[u8], what: &str) -> Box<dyn Error> {
    let name = format!("fuzz-{}", target.name());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let kept = fs::write(&path, input).map_or_else(
        |cause| format!("could not be kept: {cause}"),
        |()| format!("is in {}", path.display()),
    );
    format!("{} {what}; its input {kept}", target.name()).into()
}
