"""x"""
import typer

app = typer.Typer()
ratings_app = typer.Typer()
