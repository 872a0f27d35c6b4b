PROMPT = """You answer {name}.

Be kind."""
X = f"Hi {user.name!r:>10} {{no}}"
class P:
    b = r'\d' b"x" # "
