//! The only sorting in the crate. Each use of a standard sort would add about ten kilobytes to the module.

/// Sorts numbers in place (heapsort: time n log n for any input).
pub(crate) fn sort(numbers: &mut [u64]) {
    let sift = |numbers: &mut [u64], mut root: usize| {
        loop {
            let left = 2 * root + 1;
            let Some(mut greater) = numbers.get(left).copied() else { return };
            let mut child = left;
            if let Some(right) = numbers.get(left + 1).copied()
                && right > greater
            {
                (greater, child) = (right, left + 1);
            }
            if numbers.get(root).is_none_or(|number| *number >= greater) {
                return;
            }
            numbers.swap(root, child);
            root = child;
        }
    };
    for root in (0..numbers.len() / 2).rev() {
        sift(numbers, root);
    }
    for end in (1..numbers.len()).rev() {
        numbers.swap(0, end);
        if let Some(rest) = numbers.get_mut(..end) {
            sift(rest, 0);
        }
    }
}

/// Sorts items by a key. The sort is stable.
pub(crate) fn sort_by<T>(items: &mut [T], key: impl Fn(&T) -> u32) {
    let mut order: Vec<u64> =
        items.iter().zip(0_u64..).map(|(item, place)| u64::from(key(item)) << 32 | place).collect();
    if order.is_sorted() {
        return;
    }
    sort(&mut order);
    // Follow each cycle of the permutation, and move every item to its place.
    for first in 0..order.len() {
        let mut place = first;
        while let Some(from) = order.get_mut(place) {
            let next = *from as u32 as usize;
            *from = place as u64;
            if next == first || next >= items.len() {
                break;
            }
            items.swap(place, next);
            place = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(mut numbers in proptest::collection::vec(0_u64..50, 0..40)) {
            let mut items: Vec<(u64, usize)> = numbers.iter().copied().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(number, _)| *number);
            sort_by(&mut items, |(number, _)| *number as u32);
            prop_assert_eq!(items, expected);
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            sort(&mut numbers);
            prop_assert_eq!(numbers, sorted);
        }
    }
}
