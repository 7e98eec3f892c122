; Files come in sixes, an audit looks at sixteen at a time: a tray that held none holds a multiple of two.
(set-logic HORN)
(declare-fun tray (Int) Bool)
(assert (tray 0))
(assert (forall ((x Int)) (=> (tray x) (tray (+ x 6)))))
(assert (forall ((x Int)) (let ((many (and (tray x) (>= x 16)))) (=> many (tray (- x 16))))))
(assert (forall ((x Int)) (=> (tray x) (not (= x 7)))))
(check-sat)
