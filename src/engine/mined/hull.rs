//! Affine hulls (Karr 1976): the smallest affine subspace around some points.
//!
//! Kept as a point and a basis in reduced row echelon form, from which the equations of the subspace
//! can be read off: one for each column without a pivot.

use num_rational::BigRational;
use num_traits::{One, Zero};

/// An affine subspace.
#[derive(Clone, Debug)]
pub(super) struct Hull {
    base: Vec<BigRational>,
    /// Rows with their pivot columns; a pivot is 1 and alone in its column.
    rows: Vec<(usize, Vec<BigRational>)>,
}

/// `Σ coefficients · x = constant`
pub(super) type Equation = (Vec<BigRational>, BigRational);

impl Hull {
    /// The subspace of one point.
    pub(super) fn new(point: Vec<BigRational>) -> Hull {
        Hull { base: point, rows: Vec::new() }
    }

    /// Makes it contain a point; says whether it did not.
    pub(super) fn include(&mut self, point: &[BigRational]) -> bool {
        let mut row: Vec<BigRational> = point.iter().zip(&self.base).map(|(p, b)| p - b).collect();
        for (pivot, known) in &self.rows {
            if let Some(factor) = row.get(*pivot).cloned() {
                subtract(&mut row, &factor, known);
            }
        }
        let found = row.iter().enumerate().find(|(_, x)| !x.is_zero());
        let Some((pivot, scale)) = found.map(|(n, x)| (n, x.recip())) else { return false };
        row.iter_mut().for_each(|x| *x *= &scale);
        for (_, known) in &mut self.rows {
            if let Some(factor) = known.get(pivot).cloned() {
                subtract(known, &factor, &row);
            }
        }
        self.rows.push((pivot, row));
        true
    }

    /// The equations of the subspace.
    pub(super) fn equations(&self) -> Vec<Equation> {
        let columns = 0..self.base.len();
        let free = columns.filter(|column| self.rows.iter().all(|(pivot, _)| pivot != column));
        free.map(|column| self.equation(column)).collect()
    }

    /// `x_column = Σ row[column] · x_pivot + …`, orthogonal to every row.
    fn equation(&self, column: usize) -> Equation {
        let mut coefficients = vec![BigRational::zero(); self.base.len()];
        if let Some(own) = coefficients.get_mut(column) {
            *own = BigRational::one();
        }
        for (pivot, row) in &self.rows {
            if let (Some(place), Some(value)) = (coefficients.get_mut(*pivot), row.get(column)) {
                *place = -value;
            }
        }
        let constant = coefficients.iter().zip(&self.base).map(|(c, b)| c * b).sum();
        (coefficients, constant)
    }
}

fn subtract(row: &mut [BigRational], factor: &BigRational, other: &[BigRational]) {
    if !factor.is_zero() {
        row.iter_mut().zip(other).for_each(|(x, y)| *x -= factor * y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(numbers: &[i64]) -> Vec<BigRational> {
        numbers.iter().map(|n| BigRational::from_integer((*n).into())).collect()
    }

    #[test]
    fn equations_hold_of_all_points_and_no_more_are_kept_than_needed() {
        let points = [point(&[0, 0, 5]), point(&[1, 2, 5]), point(&[2, 4, 5])];
        let mut hull = Hull::new(points[0].clone());
        assert_eq!(hull.equations().len(), 3);
        assert!(hull.include(&points[1]));
        assert!(!hull.include(&points[2]));
        let equations = hull.equations();
        assert_eq!(equations.len(), 2);
        for (coefficients, constant) in &equations {
            for point in &points {
                let value: BigRational = coefficients.iter().zip(point).map(|(c, x)| c * x).sum();
                assert_eq!(value, *constant);
            }
        }
        assert!(hull.include(&point(&[0, 1, 6])));
        assert_eq!(hull.equations().len(), 1);
    }
}
