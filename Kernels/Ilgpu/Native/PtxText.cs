using ILGPU.Backends.PTX;
using IrValue = ILGPU.IR.Value;
using PtxRegisters = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Operands of instructions that are written out by hand: the registers of ILGPU's values, as PTX names them.</summary>
internal static class PtxText
{
    /// <summary>The register of an operand of one register; a constant is put into one.</summary>
    public static string Operand(PTXCodeGenerator code, IrValue value) =>
        Name(code.EnsureHardwareRegister((PtxRegisters.PrimitiveRegister)code.Load(value)));

    /// <summary>The registers of an operand: <c>{%r1, %r2}</c> for a struct of two words.</summary>
    public static string Operands(PTXCodeGenerator code, IrValue value) =>
        List(Leaves(code.Load(value)).Select(leaf => code.EnsureHardwareRegister((PtxRegisters.PrimitiveRegister)leaf)));

    /// <summary>A new register for a result.</summary>
    public static string Result(PTXCodeGenerator code, IrValue value) => Name(code.AllocateHardware(value));

    /// <summary>New registers for a result that is a struct.</summary>
    public static string Results(PTXCodeGenerator code, IrValue value) =>
        List(Leaves(code.Allocate(value)).Select(leaf => (PtxRegisters.HardwareRegister)leaf));

    private static IEnumerable<PtxRegisters.Register> Leaves(PtxRegisters.Register register) =>
        register is PtxRegisters.CompoundRegister compound ? compound.Children.Cast<PtxRegisters.Register>() : [register];

    private static string List(IEnumerable<PtxRegisters.HardwareRegister> registers) =>
        $"{{{string.Join(", ", registers.Select(Name))}}}";

    private static string Name(PtxRegisters.HardwareRegister register) =>
        "%" + PTXRegisterAllocator.GetStringRepresentation(register).TrimStart('%');
}
