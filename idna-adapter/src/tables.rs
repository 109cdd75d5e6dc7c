//! Unpacks the columns that build.rs wrote.

use std::sync::OnceLock;

macro_rules! column {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".bin"))
    };
}

/// The values of [`Class::status`].
pub(crate) const VALID: u8 = 0;
pub(crate) const MAPPED: u8 = 1;
pub(crate) const IGNORED: u8 = 2;

/// The properties of a class of characters.
#[derive(Clone, Copy, Default)]
pub(crate) struct Class {
    pub(crate) status: u8,
    /// Canonical_Combining_Class.
    pub(crate) combining: u8,
    /// Whether it can be the second character of a composition.
    pub(crate) is_second: bool,
    pub(crate) bidi: u8,
    pub(crate) joining: u8,
    pub(crate) is_mark: bool,
}

/// Characters of one class.
struct Run {
    start: u32,
    /// The place of the first character's mapping, if they are mapped.
    place: u16,
    class: u8,
}

/// One step of a canonical decomposition.
#[derive(Clone, Copy)]
struct Decomposition {
    composed: char,
    first: char,
    second: Option<char>,
}

/// The number of characters that share an entry in the index of runs.
const BLOCK: u32 = 128;

/// A power of two, more than twice the number of decompositions.
const SLOTS: usize = 1 << 12;

pub(crate) struct Tables {
    classes: Vec<Class>,
    /// The runs cover all code points.
    runs: Vec<Run>,
    /// For every block, the run that contains its start.
    index: Vec<u16>,
    /// A character; or `TEXT`, the length of a text, and its place in `TEXTS`.
    mappings: Vec<u32>,
    /// In the order of the composed characters.
    decompositions: Vec<Decomposition>,
    /// Open addressing of `decompositions`, from 1 on, by the pair; 0 is free.
    slots: Vec<u16>,
}

const TEXT: u32 = 1 << 31;
static TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/mapping_text.bin"));

/// Reads the numbers of a column.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<u32> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (&octet, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(octet & 127) << shift;
            shift += 7;
            if octet < 128 {
                return Some(number);
            }
        }
    }

    /// Reads a number as a distance from the one before.
    fn further(&mut self, before: u32) -> Option<u32> {
        let number = self.next()?;
        Some(before.wrapping_add(number >> 1 ^ (number & 1).wrapping_neg()))
    }
}

fn character(code_point: u32) -> char {
    char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER)
}

impl Tables {
    pub(crate) fn get() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(Self::unfold)
    }

    #[cold]
    fn unfold() -> Self {
        let mut tables = Self {
            classes: Vec::new(),
            runs: Vec::new(),
            index: Vec::new(),
            mappings: Vec::new(),
            decompositions: Vec::new(),
            slots: vec![0; SLOTS],
        };
        for class in column!("classes").as_chunks().0 {
            let &[status, combining, is_second, bidi, joining, is_mark] = class;
            let (is_second, is_mark) = (is_second != 0, is_mark != 0);
            tables.classes.push(Class { status, combining, is_second, bidi, joining, is_mark });
        }
        tables.unfold_runs();
        tables.unfold_mappings();
        tables.unfold_decompositions();
        tables
    }

    fn unfold_runs(&mut self) {
        let mut lengths = Numbers(column!("run_lengths"));
        let (mut start, mut place) = (0, 0);
        for &class in column!("run_classes") {
            let end = start + lengths.next().unwrap_or(0x11_0000 - start);
            self.runs.push(Run { start, place, class });
            let last = self.runs.len() as u16 - 1;
            while (self.index.len() as u32 * BLOCK) < end {
                self.index.push(last);
            }
            if self.classes.get(usize::from(class)).is_some_and(|class| class.status == MAPPED) {
                place += (end - start) as u16;
            }
            start = end;
        }
    }

    fn unfold_mappings(&mut self) {
        let mut singles = Numbers(column!("mapping_singles"));
        let mut lengths = column!("mapping_lengths").iter();
        let mut texts = TEXTS.chars();
        let mut shift = 0;
        let ends = self.runs.iter().skip(1).map(|run| run.start).chain([0x11_0000]);
        for (run, end) in self.runs.iter().zip(ends) {
            if self.classes.get(usize::from(run.class)).is_none_or(|class| class.status != MAPPED) {
                continue;
            }
            for code_point in run.start..end {
                let length = lengths.next().copied().unwrap_or(1);
                self.mappings.push(if length == 1 {
                    shift = singles.further(shift).unwrap_or(0);
                    code_point.wrapping_add(shift)
                } else {
                    let place = TEXTS.len() - texts.as_str().len();
                    texts.by_ref().take(usize::from(length)).for_each(drop);
                    TEXT | u32::from(length) << 16 | place as u32
                });
            }
        }
    }

    fn unfold_decompositions(&mut self) {
        let mut numbers = Numbers(column!("decomposition_marks"));
        let mut marks = Vec::new();
        let mut mark = 0;
        while let Some(next) = numbers.further(mark) {
            mark = next;
            marks.push(character(mark));
        }
        let mut composed = Numbers(column!("decomposition_gaps"));
        let mut firsts = Numbers(column!("decomposition_firsts"));
        let (mut last, mut first) = (0, 0);
        for second in column!("decomposition_seconds") {
            last = composed.further(last).unwrap_or(0);
            first = firsts.further(first).unwrap_or(0);
            let number = usize::from(second >> 1);
            let entry = Decomposition {
                composed: character(last),
                first: character(first),
                second: number.checked_sub(1).and_then(|number| marks.get(number)).copied(),
            };
            self.decompositions.push(entry);
            if second & 1 == 0 {
                self.take_slot(entry);
            }
        }
    }

    fn take_slot(&mut self, entry: Decomposition) {
        let Some(second) = entry.second else { return };
        let mut at = slot_of(entry.first, second);
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == 0 {
                *slot = self.decompositions.len() as u16;
                return;
            }
            at = (at + 1) & (SLOTS - 1);
        }
    }

    /// The properties of a character, and the place of its mapping.
    pub(crate) fn class(&self, character: char) -> (Class, usize) {
        let code_point = u32::from(character);
        let block = (code_point / BLOCK) as usize;
        let first = self.index.get(block).copied().map_or(0, usize::from);
        let last = self.index.get(block + 1).copied().map_or(self.runs.len(), |next| usize::from(next) + 1);
        let runs = self.runs.get(first..last).unwrap_or_default();
        let at = runs.partition_point(|run| run.start <= code_point);
        let Some(run) = at.checked_sub(1).and_then(|at| runs.get(at)) else { return Default::default() };
        let class = self.classes.get(usize::from(run.class)).copied().unwrap_or_default();
        (class, usize::from(run.place) + (code_point - run.start) as usize)
    }

    /// Appends the mapping of a character.
    pub(crate) fn push_mapping(&self, place: usize, out: &mut Vec<char>) {
        let mapping = self.mappings.get(place).copied().unwrap_or(u32::from(char::REPLACEMENT_CHARACTER));
        if mapping & TEXT == 0 {
            out.push(character(mapping));
        } else {
            let text = TEXTS.get((mapping & 0xffff) as usize..).unwrap_or_default();
            out.extend(text.chars().take((mapping >> 16 & 0xff) as usize));
        }
    }

    /// One step of a canonical decomposition, without Hangul.
    pub(crate) fn decomposition(&self, composed: char) -> Option<(char, Option<char>)> {
        let at = self.decompositions.partition_point(|entry| entry.composed < composed);
        if let Some(entry) = self.decompositions.get(at).filter(|entry| entry.composed == composed) {
            return Some((entry.first, entry.second));
        }
        if !matches!(composed, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}') {
            return None;
        }
        // Compatibility ideographs decompose into their mapping. No other character is mapped to an ideograph.
        let (class, place) = self.class(composed);
        let mapping = self.mappings.get(place).copied().filter(|_| class.status == MAPPED)?;
        let first = char::from_u32(mapping).filter(|first| matches!(first, '\u{3400}'..='\u{9fff}' | '\u{20000}'..))?;
        Some((first, None))
    }

    /// The composition of two characters, without Hangul.
    pub(crate) fn composition(&self, first: char, second: char) -> Option<char> {
        let mut at = slot_of(first, second);
        loop {
            let number = self.slots.get(at).copied().map(usize::from)?;
            let entry = self.decompositions.get(number.checked_sub(1)?)?;
            if entry.first == first && entry.second == Some(second) {
                return Some(entry.composed);
            }
            at = (at + 1) & (SLOTS - 1);
        }
    }
}

fn slot_of(first: char, second: char) -> usize {
    let mixed = u32::from(first).wrapping_mul(0x9E37_79B1) ^ u32::from(second).wrapping_mul(0x85EB_CA6B);
    ((mixed ^ mixed >> 15) as usize) & (SLOTS - 1)
}
