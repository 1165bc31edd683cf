"""A kind of contract for import-linter: only what is named may be imported.

import-linter loads this file, by ``contract_types`` in pyproject.toml; ``build.py`` does not.
"""

from __future__ import annotations

import sys

import grimp
from importlinter import Contract, ContractCheck, fields, output


class OnlyImports(Contract):
    """Modules import the standard library, one another, and the modules that are allowed.

    import-linter's own ``forbidden`` names what may not be imported, and says nothing about a
    package that nobody has thought of; this says what may.

    Options:
        source_modules: Packages whose imports are checked.
        except_modules: Packages within them whose imports are not checked, and that the others
            may not import. Optional.
        allowed_modules: Packages that may be imported, within ``except_modules`` too. Optional.
    """

    type_name = "only_imports"

    source_modules = fields.ListField(subfield=fields.ModuleField())
    except_modules = fields.ListField(subfield=fields.ModuleField(), required=False, default=())
    allowed_modules = fields.ListField(subfield=fields.ModuleField(), required=False, default=())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Find each import of a source module that leads to a module that is not allowed."""
        sources = _names(self.source_modules)
        missing = sorted(name for name in sources if name not in graph.modules)
        if missing:
            raise ValueError(f"There is no module {', '.join(missing)}.")
        excepted, allowed = _names(self.except_modules), _names(self.allowed_modules)

        def is_source(module: str) -> bool:
            return _is_in(module, sources) and not _is_in(module, excepted)

        wrong = [
            (importer, imported)
            for importer in sorted(filter(is_source, graph.modules))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not (
                is_source(imported)
                or _is_in(imported, allowed)
                or imported.split(".")[0] in sys.stdlib_module_names
            )
        ]
        lines = [_tell(graph, importer, imported) for importer, imported in wrong]
        return ContractCheck(kept=not wrong, metadata={"lines": lines})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that is not allowed, with its lines."""
        for line in check.metadata["lines"]:
            output.print_error(line, bold=False)
        output.new_line()


def _names(modules: object) -> tuple[str, ...]:
    assert isinstance(modules, list | tuple)
    return tuple(module.name for module in modules)


def _is_in(module: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of these packages or within one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _tell(graph: grimp.ImportGraph, importer: str, imported: str) -> str:
    details = graph.get_import_details(importer=importer, imported=imported)
    lines = ", ".join(str(detail["line_number"]) for detail in details)
    return f"- {importer} may not import {imported} (l.{lines})"
