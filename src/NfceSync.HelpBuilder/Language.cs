using System.Collections.Generic;
using System.Globalization;

namespace NfceSync.HelpBuilder;

/// <summary>The headings of the pages in one language.</summary>
internal sealed record Language(
    CultureInfo Culture,
    string Description,
    string Parameters,
    string Inputs,
    string Outputs,
    string Errors,
    string Examples,
    string Example,
    string Links,
    string SeeAlso,
    string Topic,
    string ShortDescription)
{
    public static IReadOnlyList<Language> All { get; } =
    [
        new(
            CultureInfo.GetCultureInfo("en-US"),
            Description: "Description",
            Parameters: "Parameters",
            Inputs: "Inputs",
            Outputs: "Outputs",
            Errors: "Errors",
            Examples: "Examples",
            Example: "Example",
            Links: "Links",
            SeeAlso: "See also",
            Topic: "Topic",
            ShortDescription: "Short description"),
        new(
            CultureInfo.GetCultureInfo("pt-BR"),
            Description: "Descrição",
            Parameters: "Parâmetros",
            Inputs: "Entradas",
            Outputs: "Saídas",
            Errors: "Erros",
            Examples: "Exemplos",
            Example: "Exemplo",
            Links: "Links",
            SeeAlso: "Veja também",
            Topic: "Tópico",
            ShortDescription: "Descrição breve"),
    ];

    /// <summary>A heading as <c>about_</c> topics write it.</summary>
    public string Heading(string title) => Culture.TextInfo.ToUpper(title);
}
