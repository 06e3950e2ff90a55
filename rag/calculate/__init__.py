"""Arithmetic done by code: a question and the evidence found for it in, a worked result or the missing input out.

`calculate.py` is the door. `loans`, `savings`, `taxes` and `shares` are the formulas; `asked` says which sum a question
asks for; `inputs` finds what the question leaves out in the evidence. Knows no model and no index.
"""
