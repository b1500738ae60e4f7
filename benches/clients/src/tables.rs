//! What is printed: a table for each workload, then the ratios of all.

use crate::{
    contenders::{FLOOR, OURS},
    figures::{Figures, Results},
};

/// Everything about one workload.
pub(crate) fn workload(name: &str, figures: &[Figures]) -> String {
    let header = [
        name,
        "calls/s",
        "p50 µs",
        "p99 µs",
        "CPU µs",
        "allocations",
        "bytes",
        "system calls",
        "instructions",
    ];
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|figures| {
            vec![
                figures.contender.to_owned(),
                number(figures.calls_per_second()),
                maybe(figures.quantile(0.5)),
                maybe(figures.quantile(0.99)),
                number(figures.cpu_per_call()),
                maybe(figures.allocations),
                maybe(figures.bytes),
                maybe(figures.system_calls),
                maybe(figures.instructions),
            ]
        })
        .collect();
    table(&header, &rows)
}

/// How everybody's processor time compares with the floor's, then how ours and the time compare with everybody's.
pub(crate) fn ratios(results: &Results) -> String {
    let names = contenders(results);
    let workloads: Vec<&str> = results.rows.iter().map(|(name, _)| *name).collect();
    let floor = |workload: &str| {
        results
            .find(workload, FLOOR)
            .or(results.find(workload, "floor"))
    };
    let cpu_to_floor = |workload: &str, name: &str| {
        Some(
            results
                .find(workload, name)?
                .cpu_relative_to(floor(workload)?),
        )
    };
    let cpu = |workload: &str, name: &str| our_cpu(results, workload, name);
    let time = |workload: &str, name: &str| our_time(results, workload, name);
    [
        comparison("CPU / floor's", &workloads, &names, &cpu_to_floor),
        comparison("our CPU / theirs", &workloads, &names, &cpu),
        comparison("our time / theirs", &workloads, &names, &time),
    ]
    .join("\n")
}

/// The same beside the peers alone, for those workloads that say most: one call at a time by what it takes of the
/// processor, parallel ones by how long they take.
pub(crate) fn summary(results: &Results) -> String {
    const ONE_AT_A_TIME: [&str; 9] = [
        "GET",
        "SET",
        "pipeline 100",
        "pipeline 10,000",
        "LRANGE strings",
        "HGETALL",
        "MGET",
        "GET 1 MiB",
        "pub/sub",
    ];
    const PARALLEL: [&str; 3] = ["1 thread", "8 threads", "64 threads"];
    let names: Vec<&str> = contenders(results)
        .into_iter()
        .filter(|name| !name.contains("floor") && !name.contains("ours"))
        .collect();
    [
        comparison(
            "our CPU / theirs",
            &ONE_AT_A_TIME,
            &names,
            &|workload, name| our_cpu(results, workload, name),
        ),
        comparison("our time / theirs", &PARALLEL, &names, &|workload, name| {
            our_time(results, workload, name)
        }),
    ]
    .join("\n")
}

fn our_cpu(results: &Results, workload: &str, name: &str) -> Option<f64> {
    let ours = results.find(workload, OURS)?;
    Some(ours.cpu_relative_to(results.find(workload, name)?))
}

fn our_time(results: &Results, workload: &str, name: &str) -> Option<f64> {
    let ours = results.find(workload, OURS)?;
    Some(ours.time_relative_to(results.find(workload, name)?))
}

/// A ratio for each workload and contender.
fn comparison(
    title: &str,
    workloads: &[&str],
    names: &[&str],
    ratio: &dyn Fn(&str, &str) -> Option<f64>,
) -> String {
    let header: Vec<&str> = [title].into_iter().chain(names.iter().copied()).collect();
    let rows: Vec<Vec<String>> = workloads
        .iter()
        .map(|workload| {
            let ratios = names.iter().map(|name| match ratio(workload, name) {
                Some(ratio) => format!("{ratio:.2}"),
                None => "–".to_owned(),
            });
            [(*workload).to_owned()].into_iter().chain(ratios).collect()
        })
        .collect();
    table(&header, &rows)
}

/// Whoever has taken part, in the order of the workload that most took part in.
pub(crate) fn contenders(results: &Results) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (_, figures) in &results.rows {
        for figures in figures {
            if !names.contains(&figures.contender) {
                names.push(figures.contender);
            }
        }
    }
    names
}

/// Right-aligned columns, but for the first.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|&title| title.to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&header).chain(rows).collect();
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = String::new();
    for line in lines {
        for (at, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            if at == 0 {
                text.push_str(&format!("{cell:width$}"));
            } else {
                text.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push('\n');
    }
    text
}

fn maybe(figure: Option<f64>) -> String {
    figure.map_or("–".to_owned(), number)
}

/// Three digits or all before the point, with thousands apart.
pub(crate) fn number(figure: f64) -> String {
    let decimals = match figure.abs() {
        small if small < 0.05 => return "0".to_owned(),
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{figure:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_matter() {
        let shown = [0.001, 2.0, 31.27, 1234.5, 1_234_567.8].map(number);
        assert_eq!(shown, ["0", "2.00", "31.3", "1,234", "1,234,568"]);
    }
}
